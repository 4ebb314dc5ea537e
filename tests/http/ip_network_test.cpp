#include "http/ip_network.hpp"

#include "support/catch.hpp"

using http::IpAddress;
using http::IpNetwork;

TEST_CASE("an address is read in the forms that proxies write") {
    struct Case {
        const char* text;
        const char* address;  ///< empty: none
        const char* client;
    };
    const Case cases[] = {
        {"192.0.2.1", "192.0.2.1", "192.0.2.1"},
        {" 192.0.2.1\t", "192.0.2.1", "192.0.2.1"},
        {"192.0.2.1:4711", "192.0.2.1", "192.0.2.1"},
        {"::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
        {"[2001:db8::1]", "2001:db8::1", "2001:db8::/64"},
        {"[2001:db8::1]:443", "2001:db8::1", "2001:db8::/64"},
        {"::1", "::1", "::/64"},
        {"", "", ""},
        {"unknown", "", ""},
        {"192.0.2", "", ""},
        {"192.0.2.256", "", ""},
        {"192.0.2.01", "", ""},
        {"0x7f.0.0.1", "", ""},
        {"[2001:db8::1", "", ""},
        {"[2001:db8::1]443", "", ""},
        {"fe80::1%eth0", "", ""},
        {"192.0.2.1, 192.0.2.2", "", ""},
        {"192.0.2.1:", "", ""},
        {"192.0.2.1:65536", "", ""},
        {"192.0.2.1:unknown", "", ""},
        {"[2001:db8::1]:80, 192.0.2.1", "", ""},
        {"[2001:db8::1]:", "", ""},
        {"[192.0.2.1]", "", ""},
    };
    for (const auto& one : cases) {
        INFO(one.text);
        auto address = IpAddress::parse(one.text);
        REQUIRE(address.has_value() == (one.address[0] != '\0'));
        if (!address) continue;
        CHECK(address->text() == one.address);
        CHECK(address->client() == one.client);
    }
    CHECK_FALSE(IpAddress::parse(std::string_view("192.0.2.1\0x", 11)));
}

TEST_CASE("a network holds what its bits say") {
    struct Case {
        const char* network;
        const char* address;
        bool inside;
    };
    const Case cases[] = {
        {"10.0.0.0/8", "10.255.0.1", true},
        {"10.0.0.0/8", "11.0.0.0", false},
        {"192.0.2.4/30", "192.0.2.7", true},
        {"192.0.2.4/30", "192.0.2.8", false},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "192.0.2.2", false},
        {"10.0.0.0/8", "::ffff:10.1.1.1", true},
        {"2001:db8::/32", "2001:db8:ffff::1", true},
        {"2001:db8::/33", "2001:db8:8000::", false},
        {"::/0", "2001:db8::1", true},
        {"::1", "::1", true},
        {"::1", "::2", false},
    };
    for (const auto& one : cases) {
        INFO(one.network << ' ' << one.address);
        auto network = IpNetwork::parse(one.network);
        REQUIRE(network);
        CHECK(network->contains(*IpAddress::parse(one.address)) == one.inside);
    }
    for (const char* bad : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "::/129",
                            "10.0.0.1:80/8", "localhost"}) {
        INFO(bad);
        CHECK_FALSE(IpNetwork::parse(bad));
    }
}
