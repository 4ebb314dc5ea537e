#pragma once

#include "bus/call_store.hpp"
#include "user.hpp"

namespace users {

/// What the answer to a call needs of the user, and back: what users were like before is in no log.
bus::AnsweredCall call_of(const Record& record);
Record record_of_call(const bus::AnsweredCall& call);

}  // namespace users
