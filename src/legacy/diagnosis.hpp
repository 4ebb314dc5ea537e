#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace legacy {

/// What the doctor asks with.
struct DoctorOptions {
    std::string host{};  ///< the name that readers use, as www.example.org
    std::string login_path = "/admin/login/";
};

/// One thing that was looked at.
struct Diagnosis {
    enum class Level { good, advice, wrong };
    Level level;
    std::string text;                     ///< a sentence
    std::vector<std::string> settings{};  ///< lines for settings.py that mend it
};

/// What one upstream has answered, as far as it was asked. Of the form: that for logging in.
struct Symptoms {
    std::optional<base::Error> unreachable{};
    int front_page = 0;                  ///< the status of `/`, asked for by the readers' name
    int front_page_secure = 0;           ///< the same, as if the reader spoke TLS
    std::string redirected_to{};         ///< Location of front_page
    std::string redirected_to_secure{};  ///< of front_page_secure
    std::string server{};
    bool keeps_connection = false;
    int form = 0;  ///< the status of the page with the form
    std::string form_page{};
    bool form_has_token = false;
    int posted = 0;                      ///< of the form without a name, over http
    int posted_secure = 0;               ///< the same, as if the reader spoke TLS
    std::vector<std::string> cookies{};  ///< Set-Cookie lines of all answers
};

/// What the symptoms mean, the worst first. Pure.
std::vector<Diagnosis> diagnose(const Symptoms& symptoms, const DoctorOptions& options);

/// The value of the hidden field of Django's CSRF check; nothing if the page has none.
std::optional<std::string> csrf_token_of(std::string_view page);

}  // namespace legacy
