// By what failed logins are counted, and what is kept of who logs in: no names, no addresses.
#include <boost/asio/ip/address.hpp>

#include "account_rules.hpp"
#include "base/ids.hpp"
#include "base/text.hpp"
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

std::string client_key_of(const std::string& peer) {
    boost::system::error_code bad;
    auto address = boost::asio::ip::make_address(peer, bad);
    if (bad || !address.is_v6()) return peer;
    auto v6 = address.to_v6();
    if (v6.is_v4_mapped()) {
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6).to_string();
    }
    auto bytes = v6.to_bytes();
    return base::to_hex(bytes.data(), 8) + "/64";
}

std::string client_trace_of(const std::string& peer, std::string_view user_agent) {
    if (peer.empty()) return {};
    return sha256_text(peer + "\n" + std::string(user_agent));
}

}  // namespace identity
