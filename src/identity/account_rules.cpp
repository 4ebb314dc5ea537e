#include "account_rules.hpp"

#include <algorithm>
#include <array>

#include "base/problems.hpp"
#include "base/text.hpp"
#include "base/unicode.hpp"
#include "common_passwords.hpp"

namespace identity {

namespace {

constexpr std::size_t email_characters_max = 254;
constexpr std::size_t local_part_bytes_max = 64;
constexpr std::size_t label_bytes_max = 63;
constexpr std::size_t login_characters_max = 150;
constexpr std::size_t password_characters_min = 8;
constexpr std::size_t password_characters_max = 1024;

struct RoleName {
    base::Role role;
    std::string_view name;
};
constexpr std::array<RoleName, 4> role_names = {{{base::Role::reader, "reader"},
                                                 {base::Role::author, "author"},
                                                 {base::Role::editor, "editor"},
                                                 {base::Role::admin, "admin"}}};

struct StatusName {
    Status status;
    std::string_view name;
};
constexpr std::array<StatusName, 3> status_names = {
    {{Status::pending, "pending"}, {Status::active, "active"}, {Status::disabled, "disabled"}}};

bool is_letter_or_digit(char c) {
    // Bytes of other scripts count as letters: what they stand for was looked at before.
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80;
}

/// What RFC 5322 calls dot-atom, without the rules on where dots may stand.
bool is_local_part(std::string_view text) {
    if (text.empty() || text.size() > local_part_bytes_max) return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return is_letter_or_digit(c) ||
               std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
    });
}

bool is_label(std::string_view text) {
    if (text.empty() || text.size() > label_bytes_max) return false;
    if (text.front() == '-' || text.back() == '-') return false;
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

/// In the form that DNS has.
bool is_domain(std::string_view text) {
    for (;;) {
        auto dot = text.find('.');
        if (!is_label(text.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

std::string folded(std::string_view text) {
    auto folded = base::fold_case(text);
    return folded ? std::move(*folded) : older_email_key_of(text);
}

}  // namespace

std::string older_email_key_of(std::string_view email) {
    std::string key(email);
    for (char& c : key) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return key;
}

std::string email_key_of(std::string_view email) {
    auto at = email.rfind('@');
    auto key = folded(email.substr(0, at));
    if (at == std::string_view::npos) return key;
    auto name = email.substr(at + 1);
    auto domain = base::to_ascii_domain(name);
    return key + "@" + (domain ? *domain : folded(name));
}

std::vector<base::Problem> problems_of_email(std::string_view email) {
    auto count = base::count_code_points(email);
    auto kinds = base::character_kinds(email);
    if (!count || !kinds) return {{"email", "is not valid UTF-8"}};
    if (*count == 0) return {{"email", "is empty"}};
    if (*count > email_characters_max) return {{"email", "has more than 254 characters"}};
    if (kinds->control || kinds->format || kinds->space) {
        return {{"email", "has white space or characters that nobody sees"}};
    }
    auto at = email.find('@');
    bool split = at != std::string_view::npos && is_local_part(email.substr(0, at));
    auto domain = split ? base::to_ascii_domain(email.substr(at + 1)) : std::nullopt;
    if (!domain || !is_domain(*domain)) return {{"email", "is not an e-mail address"}};
    return {};
}

std::string login_key_of(std::string_view login) {
    auto key = base::to_nfkc(login);
    return key ? std::move(*key) : std::string(login);
}

std::vector<base::Problem> problems_of_taken_login(std::string_view login) {
    auto count = base::count_code_points(login);
    if (!count) return {{"login", "is not valid UTF-8"}};
    if (*count == 0) return {{"login", "is empty"}};
    if (*count > login_characters_max) return {{"login", "has more than 150 characters"}};
    auto problem = base::problem_of_line(login);
    if (problem) return {{"login", *problem}};
    return {};
}

std::vector<base::Problem> problems_of_login(std::string_view login) {
    auto problems = problems_of_taken_login(login);
    if (problems.empty() && !base::is_of_letters_digits_or("@.+-_", login)) {
        return {{"login", "has something else than letters, digits and @ . + - _"}};
    }
    return problems;
}

std::vector<base::Problem> problems_of_password(std::string_view password, PasswordRules rules) {
    auto count = base::count_code_points(password);
    if (!count) return {{"password", "is not valid UTF-8"}};
    if (rules == PasswordRules::any) {
        if (*count == 0) return {{"password", "is empty"}};
        return {};
    }
    if (*count < password_characters_min) return {{"password", "has less than 8 characters"}};
    if (*count > password_characters_max) return {{"password", "has more than 1,024 characters"}};
    if (is_common_password(folded(password))) {
        return {{"password", "is one of those that everybody tries first"}};
    }
    return {};
}

std::vector<base::Problem> problems_of_pair(std::string_view email, std::string_view login,
                                            std::string_view password) {
    auto word = folded(password);
    if (word.empty()) return {};
    auto is_word = [&](std::string_view name) {
        auto key = folded(name);
        return word == key || word == key.substr(0, key.find('@'));
    };
    if (is_word(email)) return {{"password", "is the e-mail address, or its first part"}};
    if (is_word(login)) return {{"password", "is the login name, or its first part"}};
    return {};
}

base::Error invalid_account(std::vector<base::Problem> problems) {
    return base::invalid_input("invalid_account",
                               "The account cannot be taken: ", std::move(problems));
}

std::string_view name_of(base::Role role) {
    for (const auto& known : role_names) {
        if (known.role == role) return known.name;
    }
    return "anonymous";
}

std::optional<base::Role> role_of(std::string_view name) {
    for (const auto& known : role_names) {
        if (known.name == name) return known.role;
    }
    return std::nullopt;
}

std::string_view name_of(Status status) {
    for (const auto& known : status_names) {
        if (known.status == status) return known.name;
    }
    return "";
}

std::optional<Status> parse_status(std::string_view name) {
    for (const auto& known : status_names) {
        if (known.name == name) return known.status;
    }
    return std::nullopt;
}

}  // namespace identity
