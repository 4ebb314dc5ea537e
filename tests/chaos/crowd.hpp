#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tests {

/// Many connections to a server that ask for nothing, or endlessly slowly. One thread drives all of
/// them; nothing here waits.
class Crowd {
public:
    enum class Manner {
        idle,       ///< says nothing, at least not any more
        slow_head,  ///< sends its head byte by byte
        slow_body,  ///< sends its body byte by byte
        slow_read   ///< asks for much and takes little
    };

    /// `address`: `127.0.0.1:port`.
    explicit Crowd(const std::string& address);
    ~Crowd();
    Crowd(const Crowd&) = delete;

    /// Opens `count` more connections; how many of them the server's kernel took.
    std::size_t open(Manner manner, std::size_t count);
    /// One byte more of each of the next `count`, in its manner; those that the server has closed
    /// are opened again.
    void go_on(std::size_t count);
    std::size_t size() const { return members_.size(); }
    /// How often the server closed one, for which it had its reasons.
    std::uint64_t closed() const { return closed_; }

private:
    struct Member {
        int socket = -1;
        Manner manner = Manner::idle;
        std::size_t sent = 0;
    };

    bool connect(Member& member);
    /// False: the server has closed it.
    static bool act(Member& member);

    std::uint32_t host_ = 0;
    std::uint16_t port_ = 0;
    std::vector<Member> members_;
    std::size_t next_ = 0;
    std::uint64_t closed_ = 0;
};

/// Lets this process have as many descriptors as it may; how many that is.
std::size_t raise_descriptor_limit();

}  // namespace tests
