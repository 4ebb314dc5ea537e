#include "base/problems.hpp"

#include <utility>

namespace base {

Error invalid_input(std::string code, std::string message, std::vector<Problem> problems) {
    for (std::size_t i = 0; i < problems.size(); ++i) {
        message += (i ? "; " : "") + problems[i].field + " " + problems[i].message;
    }
    return {Reason::invalid, std::move(code), message + ".", std::move(problems)};
}

Error malformed(std::string code, std::string message) {
    return {Reason::invalid, std::move(code), std::move(message)};
}

}  // namespace base
