// By what failed logins are counted, and what is kept of who logs in: no names, no addresses.
#include "account_rules.hpp"
#include "login_service.hpp"
#include "token_crypto.hpp"

namespace identity {

std::string delay_key_of(const Credentials& credentials) {
    // A name may grow eleven times when it is brought to its form, and many are remembered.
    if (credentials.by == Credentials::By::email) {
        return sha256_text("email\n" + email_key_of(credentials.name));
    }
    return sha256_text("login\n" + login_key_of(credentials.name));
}

std::string client_trace_of(const std::string& peer, std::string_view user_agent) {
    if (peer.empty()) return {};
    return sha256_text(peer + "\n" + std::string(user_agent));
}

}  // namespace identity
