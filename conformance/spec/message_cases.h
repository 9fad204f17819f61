// HTTP messages as tables: each row is parsed whole, at every two-part split and byte by byte.
#pragma once

namespace assay {

/// Runs the running requirement's rows of fixtures/http/requests.jsonl through http.parse_request.
void check_requests();

/// The same with fixtures/http/responses.jsonl and http.parse_response.
void check_responses();

}  // namespace assay
