#pragma once

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "people.hpp"

namespace tests {

/// In small letters: what is stored or said may be in either case.
std::string lowered(std::string text);

std::string content_of(const std::filesystem::path& file);

/// All rows of all tables of a database file. Only while no server has it.
std::string rows_of(const std::filesystem::path& file);

/// What is looked for, and the looking. Only the telling part of each secret is kept: what stands
/// around it may be cut or encoded.
class Secrets {
public:
    void password(const std::string& part) { passwords_.insert(lowered(part)); }
    void address(const std::string& part) { addresses_.insert(lowered(part)); }
    void login(const Login& login);
    void session(const Session& session);

    /// Those that stand in a text, each with `where`; addresses only if they are looked for.
    std::vector<std::string> found_in(const std::string& text, const std::string& where,
                                      bool with_addresses = true) const;
    /// Those that stand in the bytes of any file of a folder, each with the file's name; addresses
    /// not in those of identity, which owns them.
    std::vector<std::string> found_in_files(const std::filesystem::path& folder) const;
    std::size_t token_count() const { return tokens_.size(); }

private:
    void signed_token(const std::string& token);
    void token(const std::string& token);

    std::set<std::string> passwords_;
    std::set<std::string> addresses_;
    std::set<std::string> tokens_;
};

/// Talks to a server and keeps what it says when it refuses, and what commands print.
class Witness {
public:
    explicit Witness(const support::PortalProcess& portal) : portal_(portal) {}

    support::Answer ask(const std::string& method, const std::string& target,
                        const std::string& body = "", support::Fields fields = {});
    /// Sends bytes as they are, and reads one answer.
    support::Answer send(const std::string& bytes);
    /// Asks for what must be refused with this status.
    void refused(int status, const std::string& method, const std::string& target,
                 const std::string& body = "", const support::Fields& fields = {});
    void said(const std::string& text) { output_ += text + '\n'; }

    /// Head and body of every failure.
    const std::string& failures() const { return failures_; }
    const std::string& output() const { return output_; }

private:
    support::Answer hear(support::Answer answer);

    const support::PortalProcess& portal_;
    std::string failures_;
    std::string output_;
};

}  // namespace tests
