#include "base/thread.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include <cstddef>

namespace base {

namespace {

constexpr std::size_t stack_bytes = 128 * 1024;

/// The second stack of a thread, for as long as it runs. A sanitizer gives threads one of its own,
/// and takes that back itself.
class SignalStack {
public:
    SignalStack() {
        stack_t now{};
        if (::sigaltstack(nullptr, &now) != 0 || (now.ss_flags & SS_DISABLE) == 0) return;
        memory_ = ::mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
        if (memory_ == MAP_FAILED) return;
        stack_t ours{};
        ours.ss_sp = memory_;
        ours.ss_size = stack_bytes;
        ::sigaltstack(&ours, nullptr);
    }
    SignalStack(const SignalStack&) = delete;
    ~SignalStack() {
        if (memory_ == MAP_FAILED) return;
        stack_t none{};
        none.ss_flags = SS_DISABLE;
        ::sigaltstack(&none, nullptr);
        ::munmap(memory_, stack_bytes);
    }

private:
    void* memory_ = MAP_FAILED;
};

}  // namespace

void name_thread(const char* name) {
    thread_local SignalStack stack;
    ::prctl(PR_SET_NAME, name);
}

}  // namespace base
