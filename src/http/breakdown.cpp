#include "breakdown.hpp"

#include <new>
#include <string>

#include "telemetry/log.hpp"

namespace http {

Response after_breakdown(const Request& request, std::string_view route, std::string_view what,
                         const std::exception_ptr& thrown) {
    std::string why;
    bool out_of_memory = false;
    try {
        std::rethrow_exception(thrown);
    } catch (const std::bad_alloc&) {
        out_of_memory = true;
        why = "out of memory";
    } catch (const std::exception& failure) {
        why = failure.what();
    } catch (...) {
        why = "something that is no exception";
    }
    telemetry::log(telemetry::Level::error, "http", what,
                   {{"error", why}, {"path", request.path}, {"route", route}}, request.context);
    if (out_of_memory) {
        base::Error full{base::Reason::unavailable, "out_of_memory",
                         "There is not enough memory for this now. Try again."};
        return failure(request, full);
    }
    return failure(request, 500, "internal_error", "Something went wrong here. It is logged.");
}

}  // namespace http
