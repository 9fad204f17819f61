// Requests from tables: compliance, malformed input, framing (request smuggling), normalisation.
#include "conformance/harness/requirement.h"
#include "conformance/spec/probe.h"

namespace assay {
namespace {

REQUIREMENT(server_requests, request_line, must,
            "a plain GET is answered with the file, and the connection stays open",
            covers("SRV-05", "SRV-09"), rfc(9112, "3")) {
  check_probes("compliance");
}

REQUIREMENT(server_requests, field_names_ignore_case, must, "field names mean the same in any case",
            rfc(9110, "5.1")) {
  check_probes("compliance");
}

REQUIREMENT(server_requests, white_space_around_values, must,
            "spaces and tabs around a field value count for nothing", rfc(9112, "5.1")) {
  check_probes("compliance");
}

REQUIREMENT(server_requests, unknown_fields_ignored, must,
            "fields that mean nothing to the server change nothing", rfc(9110, "5.1")) {
  check_probes("compliance");
}

REQUIREMENT(
    server_requests, obs_text_in_values, should,
    "bytes above 0x7f in a value are passed over or refused, never fatal", covers("SRV-16"),
    erratum("The notes' server decodes the request as UTF-8 and dies of UnicodeDecodeError."),
    rfc(9110, "5.5")) {
  check_probes("compliance");
}

REQUIREMENT(
    server_requests, absolute_form, must, "a target in absolute form is served as its path",
    covers("SRV-21"),
    erratum("The notes' server takes the first slash of the URL for the path and answers 404."),
    rfc(9112, "3.2.2")) {
  check_probes("compliance");
}

REQUIREMENT(server_requests, options_asterisk, should,
            "OPTIONS * gets an answer and no file; * with another method is refused",
            covers("SRV-21"), rfc(9110, "9.3.7")) {
  check_probes("compliance");
}

REQUIREMENT(server_requests, other_methods_refused, must,
            "a method that the server does not implement or allow is refused", covers("SRV-20"),
            erratum("The notes' server ignores the method and sends the file."),
            rfc(9110, "15.5.6")) {
  check_probes("compliance");
}

REQUIREMENT(server_requests, post_refused, should, "POST to a file is refused", covers("SRV-20"),
            rfc(9110, "15.5.6")) {
  check_probes("compliance");
}

REQUIREMENT(server_requests, methods_keep_their_case, must, "get is not GET", rfc(9110, "9.1")) {
  check_probes("compliance");
}

REQUIREMENT(server_requests, leading_empty_line, should,
            "one empty line before the request line is ignored", rfc(9112, "2.2")) {
  check_probes("compliance");
}

REQUIREMENT(
    server_requests, long_lines, must, "a request longer than 1024 bytes is one request",
    covers("SRV-14"),
    erratum("The notes' server reads 1024 bytes and takes the rest for a request of its own."),
    rfc(9112, "3")) {
  check_probes("compliance");
}

REQUIREMENT(server_requests, 8000_octets, should, "a request line of 8000 octets is served",
            rfc(9112, "3")) {
  check_probes("compliance");
}

REQUIREMENT(server_requests, too_long_target_refused, must,
            "a request line of 100 kB or more is refused", rfc(9112, "3")) {
  check_probes("compliance");
}

REQUIREMENT(server_requests, too_large_header_refused, must, "a header of a megabyte is refused",
            rfc(9110, "5.4")) {
  check_probes("compliance");
}

REQUIREMENT(server_versions, 1_0_closes, must, "the connection closes after an HTTP/1.0 request",
            covers("SRV-09"), erratum("The notes' server never closes."), rfc(9112, "9.3")) {
  check_probes("compliance");
}

REQUIREMENT(server_versions, 1_0_keep_alive, may,
            "HTTP/1.0 with Connection: keep-alive is served; with close it ends",
            rfc(9112, "C.2.2")) {
  check_probes("compliance");
}

REQUIREMENT(server_versions, bad_refused, must,
            "anything but HTTP/digit.digit in the version's place is refused", rfc(9112, "2.3")) {
  check_probes("compliance");
}

REQUIREMENT(server_versions, other_major_refused, should, "another major version is refused",
            rfc(9110, "15.6.6")) {
  check_probes("compliance");
}

REQUIREMENT(server_versions, higher_minor_served, should,
            "a higher minor version of HTTP/1 is served like HTTP/1.1, or refused with 505",
            rfc(9110, "2.5")) {
  check_probes("compliance");
}

REQUIREMENT(server_host, required, must, "an HTTP/1.1 request without Host is refused with 400",
            rfc(9112, "3.2")) {
  check_probes("compliance");
}

REQUIREMENT(server_host, repeated_refused, must, "a second Host field is refused with 400",
            rfc(9112, "3.2")) {
  check_probes("compliance");
}

REQUIREMENT(server_host, invalid_refused, must,
            "a Host that is no host and port is refused with 400", rfc(9112, "3.2")) {
  check_probes("compliance");
}

REQUIREMENT(server_host, forms, must, "a Host may be a name or an address, either with a port",
            rfc(3986, "3.2.2")) {
  check_probes("compliance");
}

REQUIREMENT(server_malformed, request_line_refused, must,
            "what is no request line is refused, never fatal", covers("SRV-16"),
            erratum("A request line without a slash kills the notes' server: AttributeError."),
            rfc(9112, "3")) {
  check_probes("malformed");
}

REQUIREMENT(server_malformed, target_refused, must,
            "white space and control characters in a target are refused", rfc(9112, "3.2")) {
  check_probes("malformed");
}

REQUIREMENT(server_malformed, percent_refused, must,
            "an escape that is no two hexadecimal digits names no file", rfc(3986, "2.1")) {
  check_probes("malformed");
}

REQUIREMENT(server_malformed, field_name_refused, must,
            "a field line whose name is no token, or without a colon, is refused",
            rfc(9110, "5.1")) {
  check_probes("malformed");
}

REQUIREMENT(server_malformed, white_space_before_colon_refused, must,
            "white space between a name and its colon is refused with 400", rfc(9112, "5.1")) {
  check_probes("malformed");
}

REQUIREMENT(server_malformed, folding, must, "a folded line is refused with 400 or joined",
            rfc(9112, "5.2")) {
  check_probes("malformed");
}

REQUIREMENT(server_malformed, white_space_first, must,
            "a first field line that starts with white space is refused where it is the Host",
            rfc(9112, "2.2")) {
  check_probes("malformed");
}

REQUIREMENT(server_malformed, bare_cr_refused, must, "a CR that no LF follows ends no line",
            rfc(9112, "2.2")) {
  check_probes("malformed");
}

REQUIREMENT(server_malformed, bare_lf, must, "a bare LF ends a line or is refused, never fatal",
            rfc(9112, "2.2")) {
  check_probes("malformed");
}

REQUIREMENT(server_malformed, nul_in_value, must,
            "NUL in a value is refused or replaced, in Host refused", rfc(9110, "5.5")) {
  check_probes("malformed");
}

REQUIREMENT(server_malformed, other_protocols_refused, must,
            "what is not HTTP is refused or ended, never fatal", covers("SRV-16"),
            rfc(9112, "2.2")) {
  check_probes("malformed");
}

REQUIREMENT(server_framing, length_and_chunked, must,
            "a request with both Content-Length and Transfer-Encoding is not read by its length",
            rfc(9112, "6.1")) {
  check_probes("smuggling");
}

REQUIREMENT(server_framing, bad_length_refused, must,
            "a Content-Length that is not all digits is refused", rfc(9112, "6.3")) {
  check_probes("smuggling");
}

REQUIREMENT(server_framing, bad_length_on_get_refused, must,
            "a bad Content-Length is refused whatever the method", rfc(9112, "6.3")) {
  check_probes("smuggling");
}

REQUIREMENT(server_framing, overflowing_length_refused, must,
            "a Content-Length beyond 63 bits is refused, never wrapped", rfc(9110, "8.6")) {
  check_probes("smuggling");
}

REQUIREMENT(server_framing, differing_lengths_refused, must,
            "Content-Lengths that differ are refused", rfc(9112, "6.3")) {
  check_probes("smuggling");
}

REQUIREMENT(server_framing, unknown_coding_refused, must,
            "a Transfer-Encoding that is not one final chunked is refused", rfc(9112, "6.1")) {
  check_probes("smuggling");
}

REQUIREMENT(server_framing, bad_chunk_size_refused, must,
            "what follows a bad chunk size is not taken for a request", rfc(9112, "7.1")) {
  check_probes("smuggling");
}

REQUIREMENT(server_framing, chunk_data_bounded, must,
            "what follows chunk data of the wrong length is not taken for a request",
            rfc(9112, "7.1")) {
  check_probes("smuggling");
}

REQUIREMENT(server_framing, body_is_no_request, must,
            "a body is read or the connection closed: none of it is taken for a request",
            covers("SRV-20"), rfc(9112, "6.3")) {
  check_probes("smuggling");
}

REQUIREMENT(server_framing, chunked_in_1_0, must,
            "after Transfer-Encoding in HTTP/1.0 the connection closes", rfc(9112, "6.1")) {
  check_probes("smuggling");
}

REQUIREMENT(server_framing, trailers_do_not_frame, must,
            "a Content-Length among the trailers moves no boundary", rfc(9110, "6.5.1")) {
  check_probes("smuggling");
}

REQUIREMENT(server_paths, percent_decoded, must, "escapes in a path are decoded", covers("SRV-18"),
            erratum("The notes' server looks for a file with the escape in its name."),
            rfc(3986, "2.1")) {
  check_probes("normalisation");
}

REQUIREMENT(server_paths, query_ignored, must, "the query is no part of the file's name",
            covers("SRV-18"),
            erratum("The notes' server looks for a file with the query in its name."),
            rfc(3986, "3.4")) {
  check_probes("normalisation");
}

REQUIREMENT(server_paths, dot_segments_inside, should,
            "dot segments that stay inside are resolved, redirected or refused",
            rfc(3986, "5.2.4")) {
  check_probes("normalisation");
}

REQUIREMENT(server_paths, stay_inside, must, "no path leads outside of the root by dot segments",
            covers("SRV-17"),
            erratum("The notes' server sends /../secret and /../../../etc/passwd."),
            rfc(9110, "4.2.5")) {
  check_probes("normalisation");
}

REQUIREMENT(server_paths, stay_inside_encoded, must,
            "no path leads outside of the root by encoded dots or slashes", covers("SRV-17"),
            rfc(3986, "7.3")) {
  check_probes("normalisation");
}

REQUIREMENT(server_paths, decoded_once, must, "a path is decoded once, not twice",
            rfc(3986, "2.4")) {
  check_probes("normalisation");
}

REQUIREMENT(server_paths, backslash_is_no_slash, must, "a backslash separates nothing",
            rfc(3986, "3.3")) {
  check_probes("normalisation");
}

REQUIREMENT(server_paths, nul_refused, must, "an encoded NUL does not cut the name short",
            rfc(3986, "7.3")) {
  check_probes("normalisation");
}

REQUIREMENT(server_paths, absolute_form_stays_inside, must,
            "nor does a target in absolute form lead outside", covers("SRV-17", "SRV-21"),
            rfc(9110, "4.2.5")) {
  check_probes("normalisation");
}

REQUIREMENT(server_paths, fragment, may,
            "a fragment, which no client should send, is cut off, refused or not found",
            rfc(9112, "3.2.1")) {
  check_probes("normalisation");
}

REQUIREMENT(server_paths, case_counts, must, "names of files keep their case",
            rfc(3986, "6.2.2.1")) {
  check_probes("normalisation");
}

REQUIREMENT(server_paths, trailing_slash_on_file, should,
            "a path that goes on behind a file is not the file", rfc(3986, "6.2.3")) {
  check_probes("normalisation");
}

REQUIREMENT(server_paths, missing, must, "what is not there is 404", covers("SRV-07"),
            rfc(9110, "15.5.5")) {
  check_probes("normalisation");
}

REQUIREMENT(server_connection, close, must,
            "Connection: close closes the connection after the response", covers("SRV-09"),
            erratum("The notes' server ignores Connection: close and stays open."),
            rfc(9112, "9.6")) {
  check_probes("compliance");
}

REQUIREMENT(server_connection, stays_open, should,
            "without it the connection stays open, also after 404", covers("SRV-09"),
            rfc(9112, "9.3")) {
  check_probes("compliance");
}

REQUIREMENT(server_connection, expect_continue, must, "Expect: 100-continue is answered",
            rfc(9110, "10.1.1")) {
  check_probes("compliance");
}

REQUIREMENT(server_connection, unknown_expectation, may,
            "an unknown expectation is ignored or refused with 417", rfc(9110, "10.1.1")) {
  check_probes("compliance");
}

}  // namespace
}  // namespace assay
