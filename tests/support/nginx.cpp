#include "support/nginx.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

#include "support/eventually.hpp"

namespace support {

namespace {

constexpr const char* program = "/usr/sbin/nginx";

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    name.sin_port = htons(port);
    return name;
}

/// One that nobody has just now.
std::uint16_t free_port() {
    int probe = ::socket(AF_INET, SOCK_STREAM, 0);
    auto name = loopback(0);
    socklen_t size = sizeof(name);
    bool bound = ::bind(probe, reinterpret_cast<sockaddr*>(&name), size) == 0 &&
                 ::getsockname(probe, reinterpret_cast<sockaddr*>(&name), &size) == 0;
    ::close(probe);
    if (!bound) throw std::runtime_error("no port of 127.0.0.1 is free");
    return ntohs(name.sin_port);
}

bool listens(std::uint16_t port) {
    int probe = ::socket(AF_INET, SOCK_STREAM, 0);
    auto name = loopback(port);
    bool answered = ::connect(probe, reinterpret_cast<sockaddr*>(&name), sizeof(name)) == 0;
    ::close(probe);
    return answered;
}

}  // namespace

bool Nginx::is_installed() {
    return std::filesystem::exists(program);
}

Nginx::Nginx(const std::filesystem::path& folder, std::string lines) {
    auto port = free_port();
    address_ = "127.0.0.1:" + std::to_string(port);
    const std::string begin = "server {\n";
    auto server = lines.starts_with(begin) ? 0 : lines.find("\n" + begin);
    if (server == lines.npos) throw std::runtime_error("the lines for nginx have no server");
    lines.insert(lines.find(begin, server) + begin.size(), "    listen " + address_ + ";\n");
    auto place = folder.string();
    std::ofstream(folder / "nginx.conf")
        << "daemon off;\nmaster_process off;\npid " << place << "/nginx.pid;\nerror_log stderr;\n"
        << "events { worker_connections 64; }\nhttp {\naccess_log off;\nclient_body_temp_path "
        << place << "/body;\nproxy_temp_path " << place << "/proxy;\n"
        << lines << "}\n";
    Process::Options options;
    options.arguments = {"-c", place + "/nginx.conf", "-p", place};
    process_ = std::make_unique<Process>(program, options);
    bool ready = eventually([&] { return listens(port) || !process_->running(); });
    if (!ready || !process_->running()) {
        throw std::runtime_error("nginx does not listen: " + process_->errors());
    }
}

}  // namespace support
