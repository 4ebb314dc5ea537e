#include "exit_code.hpp"

#include "support/catch.hpp"

namespace portal {

TEST_CASE("an exit code says whether the same call can succeed another time", "[portal]") {
    struct Row {
        base::Reason reason;
        ExitCode code;
    };
    for (auto [reason, code] :
         {Row{base::Reason::invalid, wrong_use}, Row{base::Reason::unauthenticated, wrong_use},
          Row{base::Reason::forbidden, wrong_use}, Row{base::Reason::not_found, wrong_use},
          Row{base::Reason::conflict, wrong_use}, Row{base::Reason::precondition, wrong_use},
          Row{base::Reason::too_many, failed}, Row{base::Reason::unavailable, failed},
          Row{base::Reason::deadline, failed}}) {
        CAPTURE(base::name_of(reason));
        CHECK(exit_code_of({reason, "code", "A sentence."}) == code);
        CHECK(base::parse_reason(base::name_of(reason)) == reason);
    }
    CHECK_FALSE(base::parse_reason("some other"));
}

}  // namespace portal
