#include "secrets.hpp"

#include <cctype>
#include <fstream>
#include <iterator>

#include "support/catch.hpp"
#include "support/sqlite_file.hpp"

namespace tests {

using support::Answer;
using support::Fields;

std::string lowered(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

std::string content_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string rows_of(const std::filesystem::path& file) {
    std::string all;
    for (const auto& table :
         support::rows_from_database(file, "select name from sqlite_master where type = 'table'")) {
        for (const auto& row :
             support::rows_from_database(file, "select * from \"" + table + "\"")) {
            all += row + '\n';
        }
    }
    return all;
}

void Secrets::login(const Login& login) {
    signed_token(login.access);
    token(login.refresh);
}

void Secrets::session(const Session& session) {
    signed_token(session.cookie);
    token(session.csrf);
}

/// Its payload and its signature, each of which is enough to give it away.
void Secrets::signed_token(const std::string& token) {
    auto first = token.find('.');
    auto last = token.rfind('.');
    REQUIRE(first < last);
    tokens_.insert(lowered(token.substr(first + 1, last - first - 1)));
    tokens_.insert(lowered(token.substr(last + 1)));
}

void Secrets::token(const std::string& token) {
    REQUIRE(token.size() >= 32);
    tokens_.insert(lowered(token.substr(4, 24)));
}

std::vector<std::string> Secrets::found_in(const std::string& text, const std::string& where,
                                           bool with_addresses) const {
    auto small = lowered(text);
    std::vector<std::string> found;
    auto look = [&](const std::set<std::string>& parts) {
        for (const auto& part : parts) {
            if (small.find(part) != std::string::npos) found.push_back(where + ": " + part);
        }
    };
    look(passwords_);
    look(tokens_);
    if (with_addresses) look(addresses_);
    return found;
}

std::vector<std::string> Secrets::found_in_files(const std::filesystem::path& folder) const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        auto name = entry.path().filename().string();
        bool owns_addresses = name.starts_with("identity.db");
        auto more = found_in(content_of(entry.path()), name, !owns_addresses);
        found.insert(found.end(), more.begin(), more.end());
    }
    return found;
}

Answer Witness::ask(const std::string& method, const std::string& target, const std::string& body,
                    Fields fields) {
    bool typed = std::any_of(fields.begin(), fields.end(),
                             [](const auto& field) { return field.first == "Content-Type"; });
    if (!body.empty() && !typed) fields.emplace_back("Content-Type", "application/json");
    support::HttpClient client(portal_.address());
    return hear(client.request(method, target, body, fields));
}

Answer Witness::send(const std::string& bytes) {
    support::HttpClient client(portal_.address());
    client.send(bytes);
    return hear(client.receive());
}

void Witness::refused(int status, const std::string& method, const std::string& target,
                      const std::string& body, const Fields& fields) {
    INFO(method << ' ' << target << ' ' << body.substr(0, 200));
    auto answer = ask(method, target, body, fields);
    INFO(answer.body);
    CHECK(answer.status == status);
}

Answer Witness::hear(Answer answer) {
    if (answer.status < 400) return answer;
    for (const auto& [name, value] : answer.fields) failures_ += name + ": " + value + '\n';
    failures_ += answer.body + '\n';
    return answer;
}

}  // namespace tests
