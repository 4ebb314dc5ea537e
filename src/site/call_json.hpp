#pragma once

#include "bus/call_store.hpp"
#include "site/redirects.hpp"

namespace site {

/// What a call with an Idempotency-Key did, as it is remembered, and back.
bus::AnsweredCall call_of(const RedirectsStored& stored, std::int64_t version);
RedirectsStored stored_of_call(const bus::AnsweredCall& call);

bus::AnsweredCall call_of_list(std::int64_t stream, std::int64_t version, bool is_new);
bool is_new_of_call(const bus::AnsweredCall& call);

}  // namespace site
