/* late.h - libraries for what few commands read or write, loaded by the first who does.
 *
 * With what they link they are half of the program's shared libraries, and every command would wait for them. */
#pragma once
#include "format/format.h"
#include <archive.h>
#include <archive_entry.h>
#include <libxml/xmlreader.h>
#include <xlsxwriter.h>

#define ARCHIVE_CALLS(X)                                                                                    \
  X(archive_read_new) X(archive_read_free) X(archive_read_support_filter_gzip)                              \
  X(archive_read_support_filter_zstd) X(archive_read_support_format_zip)                                    \
  X(archive_read_support_format_tar) X(archive_read_support_format_raw) X(archive_read_open)                \
  X(archive_read_open_memory) X(archive_read_next_header) X(archive_read_data)                              \
  X(archive_read_data_block) X(archive_format) X(archive_free) X(archive_error_string)                      \
  X(archive_entry_new) X(archive_entry_free) X(archive_entry_clear) X(archive_entry_pathname)               \
  X(archive_entry_pathname_utf8) X(archive_entry_filetype) X(archive_entry_hardlink)                        \
  X(archive_entry_is_encrypted) X(archive_entry_set_pathname) X(archive_entry_set_filetype)                 \
  X(archive_entry_set_perm) X(archive_entry_set_size) X(archive_entry_set_mtime) X(archive_write_new)       \
  X(archive_write_set_format_ustar) X(archive_write_add_filter_zstd)                                        \
  X(archive_write_set_bytes_per_block) X(archive_write_open) X(archive_write_header)                        \
  X(archive_write_data) X(archive_write_close)
#define XML_CALLS(X)                                                                                        \
  X(xmlReaderForMemory) X(xmlFreeTextReader) X(xmlTextReaderSetStructuredErrorHandler)                      \
  X(xmlTextReaderRead) X(xmlTextReaderNodeType) X(xmlTextReaderDepth) X(xmlTextReaderIsEmptyElement)        \
  X(xmlTextReaderConstLocalName) X(xmlTextReaderConstNamespaceUri) X(xmlTextReaderConstPrefix)              \
  X(xmlTextReaderConstValue) X(xmlTextReaderMoveToNextAttribute) X(xmlTextReaderMoveToElement)              \
  X(xmlTextReaderIsNamespaceDecl) X(xmlTextReaderGetParserLineNumber)
#define XLSX_CALLS(X)                                                                                       \
  X(workbook_new_opt) X(workbook_add_worksheet) X(workbook_add_format) X(workbook_set_properties)           \
  X(workbook_close) X(worksheet_write_number) X(worksheet_write_string) X(worksheet_set_column_opt)         \
  X(worksheet_data_validation_range) X(worksheet_hide) X(worksheet_freeze_panes) X(worksheet_autofilter)    \
  X(format_set_num_format) X(format_set_align) X(format_set_bold) X(format_set_bg_color)                    \
  X(format_set_font_color) X(lxw_rowcol_to_cell_abs) X(lxw_strerror)

typedef struct Late {
#define X(name) __typeof__(name) *name;
  ARCHIVE_CALLS(X) XML_CALLS(X) XLSX_CALLS(X)
#undef X
} Late;
extern Late late;                       /* all calls of a library that was loaded */

typedef enum LateLibrary { LATE_ARCHIVE, LATE_XML, LATE_XLSX, LATE_COUNT } LateLibrary;
/* E_CONFIG: it is not installed, or lacks a call; or this is the jail, where nothing can be loaded any more. */
Err late_load(Cx *cx, LateLibrary library);
