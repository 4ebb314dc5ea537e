#include "exit_code.hpp"

namespace portal {

ExitCode exit_code_of(const base::Error& error) {
    switch (error.reason) {
        case base::Reason::invalid:
        case base::Reason::unauthenticated:
        case base::Reason::forbidden:
        case base::Reason::not_found:
        case base::Reason::conflict:
        case base::Reason::precondition:
            return wrong_use;
        case base::Reason::too_many:
        case base::Reason::unavailable:
        case base::Reason::deadline:
            return failed;
    }
    return failed;
}

}  // namespace portal
