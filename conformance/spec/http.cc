#include "conformance/harness/actor.h"
#include "conformance/harness/matchers.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/message_cases.h"

namespace assay {
namespace {

REQUIREMENT(
    http_request_line, method_target_version, must,
    "a request line is method, target and version with single spaces between, ended by CRLF; the "
    "header ends with an empty line",
    covers("HTTP-01", "HTTP-02"),
    erratum(
        "The notes' request has no empty line after its fields; without one no server answers."),
    rfc(9112, "3")) {
  check_requests();
}

REQUIREMENT(http_request_line, method_keeps_its_case, must,
            "a method is any token and its case counts", rfc(9110, "9.1")) {
  check_requests();
}

REQUIREMENT(http_request_line, target_forms, must,
            "a target may have origin, absolute, authority or asterisk form", rfc(9112, "3.2")) {
  check_requests();
}

REQUIREMENT(http_request_line, incomplete, must,
            "a request whose header has not ended yet is incomplete, not wrong", rfc(9112, "8")) {
  check_requests();
}

REQUIREMENT(http_request_line, bad_method_refused, must,
            "a method that is no token is refused with 400 or 501", rfc(9112, "3.1")) {
  check_requests();
}

REQUIREMENT(
    http_request_line, bad_target_refused, must,
    "a target with white space or control characters, or of no known form, is refused with 400",
    rfc(9112, "3.2")) {
  check_requests();
}

REQUIREMENT(http_request_line, bad_version_refused, must,
            "anything but HTTP/digit.digit in the version's place is refused", rfc(9112, "2.3")) {
  check_requests();
}

REQUIREMENT(http_request_line, other_major_version_refused, should,
            "a request of another major version is refused with 505 or 400", rfc(9110, "15.6.6")) {
  check_requests();
}

REQUIREMENT(http_request_line, leading_empty_line_ignored, should,
            "one empty line before the request line is ignored", rfc(9112, "2.2")) {
  check_requests();
}

REQUIREMENT(http_request_line, line_endings, must,
            "a bare LF may end a line or be refused; a bare CR never ends one", rfc(9112, "2.2")) {
  check_requests();
}

REQUIREMENT(http_request_line, 8000_octets, should, "request lines of 8000 octets are parsed",
            rfc(9112, "3")) {
  check_requests();
}

REQUIREMENT(http_request_line, too_long_refused, must,
            "a request line of more than a mebibyte is refused, not kept", rfc(9112, "3")) {
  check_requests();
}

REQUIREMENT(http_header, fields_in_order, must,
            "fields come in the order sent, repeated ones too, with their names as sent",
            covers("HTTP-07"), rfc(9110, "5.3")) {
  check_requests();
}

REQUIREMENT(http_header, empty_value, must, "a field's value may be empty", rfc(9110, "5.5")) {
  check_requests();
}

REQUIREMENT(http_header, white_space_around_values, must,
            "spaces and tabs around a value are not part of it, those within are",
            rfc(9112, "5.1")) {
  check_requests();
}

REQUIREMENT(http_header, names_ignore_case, must, "field names mean the same in any case",
            rfc(9110, "5.1")) {
  check_requests();
}

REQUIREMENT(http_header, white_space_before_colon_refused, must,
            "white space between a name and its colon is refused with 400", rfc(9112, "5.1")) {
  check_requests();
}

REQUIREMENT(http_header, folding_refused_or_joined, must,
            "a folded line is refused with 400 or joined with spaces", rfc(9112, "5.2")) {
  check_requests();
}

REQUIREMENT(
    http_header, white_space_first_refused, must,
    "a line that starts with white space right after the request line is refused or passed over",
    rfc(9112, "2.2")) {
  check_requests();
}

REQUIREMENT(http_header, bad_name_refused, must,
            "a field line whose name is no token, or that has no colon, is refused with 400",
            rfc(9110, "5.1")) {
  check_requests();
}

REQUIREMENT(http_header, bare_cr_refused, must,
            "a CR that no LF follows is refused or becomes a space", rfc(9112, "2.2")) {
  check_requests();
}

REQUIREMENT(http_header, control_characters_refused, must,
            "NUL in a value is refused or becomes a space", rfc(9110, "5.5")) {
  check_requests();
}

REQUIREMENT(http_header, host_required, must,
            "an HTTP/1.1 request without Host is refused with 400", rfc(9112, "3.2")) {
  check_requests();
}

REQUIREMENT(http_header, host_not_required_in_1_0, must, "an HTTP/1.0 request needs no Host",
            rfc(9112, "3.2")) {
  check_requests();
}

REQUIREMENT(http_header, host_repeated_refused, must, "a second Host field is refused with 400",
            rfc(9112, "3.2")) {
  check_requests();
}

REQUIREMENT(http_header, host_invalid_refused, must,
            "a Host that is no host and port is refused with 400", rfc(9112, "3.2")) {
  check_requests();
}

REQUIREMENT(http_header, host_forms, must,
            "a Host may be a name, an address, either with a port, or empty", rfc(3986, "3.2.2")) {
  check_requests();
}

REQUIREMENT(http_header, fifty_fields, should, "a header of fifty fields is parsed",
            rfc(9110, "5.4")) {
  check_requests();
}

REQUIREMENT(http_header, too_large_refused, must,
            "a field of more than a mebibyte is refused, not kept", rfc(9110, "5.4")) {
  check_requests();
}

REQUIREMENT(http_header, too_many_refused, must, "a header of 200,000 fields is refused, not kept",
            rfc(9110, "5.4")) {
  check_requests();
}

REQUIREMENT(http_body, absent, must,
            "a request without Content-Length and Transfer-Encoding has no body", covers("HTTP-01"),
            rfc(9112, "6.3")) {
  check_requests();
}

REQUIREMENT(http_body, content_length, must,
            "Content-Length counts the body's bytes; what follows them is left alone",
            covers("HTTP-06"), rfc(9112, "6.2")) {
  check_requests();
}

REQUIREMENT(http_body, incomplete, must, "a body shorter than its Content-Length is incomplete",
            rfc(9112, "8")) {
  check_requests();
}

REQUIREMENT(http_body, bad_length_refused, must,
            "a Content-Length that is not all digits is refused with 400", rfc(9112, "6.3")) {
  check_requests();
}

REQUIREMENT(http_body, overflowing_length_refused, must,
            "a Content-Length beyond 63 bits is refused, never wrapped", rfc(9110, "8.6")) {
  check_requests();
}

REQUIREMENT(http_body, differing_lengths_refused, must,
            "Content-Lengths that differ are refused with 400", rfc(9112, "6.3")) {
  check_requests();
}

REQUIREMENT(http_body, equal_lengths, must,
            "a repeated equal Content-Length is refused or counts once", rfc(9112, "6.3")) {
  check_requests();
}

REQUIREMENT(http_chunked, decoded, must,
            "a chunked body comes decoded, and the message ends with it", rfc(9112, "7.1")) {
  check_requests();
}

REQUIREMENT(http_chunked, sizes_are_hexadecimal, must,
            "chunk sizes are hexadecimal in either case; leading zeros count for nothing",
            rfc(9112, "7.1")) {
  check_requests();
}

REQUIREMENT(http_chunked, extensions_ignored, must, "unknown chunk extensions are passed over",
            rfc(9112, "7.1.1")) {
  check_requests();
}

REQUIREMENT(http_chunked, trailers, must,
            "trailer fields end the message and are no part of the body", rfc(9112, "7.1.2")) {
  check_requests();
}

REQUIREMENT(http_chunked, trailers_do_not_frame, must,
            "a Content-Length among the trailers moves no boundary", rfc(9110, "6.5.1")) {
  check_requests();
}

REQUIREMENT(http_chunked, coding_ignores_case, must, "the coding's name is case-insensitive",
            rfc(9112, "7")) {
  check_requests();
}

REQUIREMENT(http_chunked, incomplete, must,
            "a chunked body without its last chunk and final empty line is incomplete",
            rfc(9112, "8")) {
  check_requests();
}

REQUIREMENT(http_chunked, bad_size_refused, must,
            "a chunk size that is not hexadecimal is refused with 400", rfc(9112, "7.1")) {
  check_requests();
}

REQUIREMENT(http_chunked, overflowing_size_refused, must,
            "a chunk size beyond 63 bits is refused, never wrapped", rfc(9112, "7.1")) {
  check_requests();
}

REQUIREMENT(http_chunked, data_ends_with_crlf, must,
            "chunk data that CRLF does not follow is refused with 400", rfc(9112, "7.1")) {
  check_requests();
}

REQUIREMENT(http_chunked, bare_lf_refused, should,
            "a bare LF ends neither a chunk size nor chunk data", rfc(9112, "7.1")) {
  check_requests();
}

REQUIREMENT(http_chunked, with_content_length, must,
            "Transfer-Encoding overrides Content-Length, or both together are refused",
            rfc(9112, "6.1")) {
  check_requests();
}

REQUIREMENT(
    http_chunked, other_codings_refused, must,
    "a Transfer-Encoding that does not end in one chunked, or names an unknown coding, is refused",
    rfc(9112, "6.3")) {
  check_requests();
}

REQUIREMENT(http_chunked, in_1_0_is_faulty, must,
            "Transfer-Encoding in HTTP/1.0 is refused or decoded, never ignored",
            rfc(9112, "6.1")) {
  check_requests();
}

REQUIREMENT(http_response, status_line, must, "a status line is version, three digits and a reason",
            covers("HTTP-03"),
            erratum("The notes print the status line without its version; Python's http.client "
                    "raises BadStatusLine('200 OK')."),
            rfc(9112, "4")) {
  check_responses();
}

REQUIREMENT(http_response, reason_may_be_empty, must, "the reason may be empty", rfc(9112, "4")) {
  check_responses();
}

REQUIREMENT(http_response, bad_status_line_refused, must,
            "anything else in the status line's place is refused", covers("HTTP-03"),
            rfc(9112, "4")) {
  check_responses();
}

REQUIREMENT(http_response, content_length, must,
            "a response's Content-Length counts its body's bytes; what follows them is left alone",
            covers("HTTP-06"), rfc(9112, "6.2")) {
  check_responses();
}

REQUIREMENT(http_response, chunked, must, "a chunked body comes decoded", rfc(9112, "7.1")) {
  check_responses();
}

REQUIREMENT(http_response, until_the_connection_ends, must,
            "a response without a length lasts until the connection ends", rfc(9112, "6.3")) {
  check_responses();
}

REQUIREMENT(http_response, head_has_no_body, must,
            "the response to HEAD has no body, whatever its fields say", rfc(9112, "6.3")) {
  check_responses();
}

REQUIREMENT(http_response, statuses_without_body, must,
            "204 and 304 have no body, whatever their fields say", rfc(9112, "6.3")) {
  check_responses();
}

REQUIREMENT(http_response, cut_short_is_incomplete, must,
            "a connection that ends before the length is reached leaves the response incomplete",
            rfc(9112, "8")) {
  check_responses();
}

REQUIREMENT(http_response, bad_framing_refused, must,
            "differing or bad lengths and chunk sizes are refused", rfc(9112, "6.3")) {
  check_responses();
}

}  // namespace
}  // namespace assay
