// Everything that the handler needs is made before, in memory that is never freed: whose process is
// broken may hold any lock, so the handler opens one file, writes numbers and copied texts, and
// neither allocates nor formats by the library. backtrace() is called once beforehand, which loads
// what it needs.
#include "telemetry/crash.hpp"

#include <cxxabi.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <exception>
#include <typeinfo>

#include "base/thread.hpp"

namespace telemetry {

namespace {

constexpr std::array signals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
constexpr std::size_t frames_max = 64;
constexpr std::size_t modules_max = 96;
constexpr unsigned hang_seconds = 5;

template <std::size_t N>
void copy_text(std::array<char, N>& to, std::string_view text) {
    auto size = std::min(text.size(), N - 1);
    std::memcpy(to.data(), text.data(), size);
    to[size] = '\0';
}

/// A part of the program as it was loaded.
struct LoadedModule {
    std::uintptr_t base = 0;
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    std::array<char, 96> name{};
    std::array<char, 41> build_id{};
};

struct Prepared {
    int folder = -1;
    std::array<char, 64> version{};
    std::array<LoadedModule, modules_max> modules{};
    std::size_t module_count = 0;
    std::array<struct sigaction, signals.size()> before{};
    std::array<char, 512> thrown{};  ///< what ended in std::terminate
    std::atomic<bool> has_thrown{false};
    std::atomic<long> recording{0};  ///< the thread that writes the record
};

Prepared prepared;

// NOLINTNEXTLINE: read by the handler, so it must not be made on first use.
thread_local constinit std::array<char, 65> last_request{};

/// What write() takes, in pieces; what does not get to the disk is lost.
class Out {
public:
    explicit Out(int descriptor) : descriptor_(descriptor) {}
    ~Out() {
        if (descriptor_ >= 0) flush();
    }
    Out(const Out&) = delete;

    void text(const char* value) {
        while (*value) put(*value++);
    }
    /// Of what others chose: no line is begun by it.
    void plain(const char* value) {
        for (; *value; ++value) put(*value >= ' ' && *value <= '~' ? *value : '?');
    }
    void decimal(std::int64_t value, int width = 0) {
        auto left =
            value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
        if (value < 0) put('-');
        std::array<char, 24> digits;
        int count = 0;
        for (; left > 0 || count < width || count == 0; left /= 10) {
            digits[static_cast<std::size_t>(count++)] = static_cast<char>('0' + left % 10);
        }
        while (count > 0) put(digits[static_cast<std::size_t>(--count)]);
    }
    void hex(std::uint64_t value) {
        text("0x");
        int shift = 60;
        while (shift > 0 && ((value >> shift) & 15) == 0) shift -= 4;
        for (; shift >= 0; shift -= 4) put("0123456789abcdef"[(value >> shift) & 15]);
    }
    /// Of one without a descriptor, for what is short.
    const char* text_so_far() {
        bytes_[std::min(size_, bytes_.size() - 1)] = '\0';
        return bytes_.data();
    }
    void flush() {
        std::size_t written = 0;
        while (written < size_) {
            auto count = ::write(descriptor_, bytes_.data() + written, size_ - written);
            if (count <= 0) break;
            written += static_cast<std::size_t>(count);
        }
        size_ = 0;
    }

private:
    void put(char c) {
        if (size_ == bytes_.size()) flush();
        bytes_[size_++] = c;
    }
    int descriptor_;
    std::array<char, 1024> bytes_;
    std::size_t size_ = 0;
};

const char* name_of(int signal) {
    switch (signal) {
        case SIGSEGV:
            return "SIGSEGV";
        case SIGBUS:
            return "SIGBUS";
        case SIGFPE:
            return "SIGFPE";
        case SIGILL:
            return "SIGILL";
        case SIGABRT:
            return "SIGABRT";
        default:
            return "another signal";
    }
}

/// Seconds since 1970 as `20260504T102030Z`; the library's way may wait for a lock.
void put_time(Out& out, std::int64_t seconds) {
    auto days = seconds / 86400;
    auto rest = seconds % 86400;
    // Howard Hinnant's way from days to a date, years beginning in March.
    auto shifted = days + 719468;
    auto era = shifted / 146097;
    auto of_era = shifted % 146097;
    auto year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    auto day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    auto month_from_march = (5 * day_of_year + 2) / 153;
    auto day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    auto month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    out.decimal(year_of_era + era * 400 + (month <= 2 ? 1 : 0), 4);
    out.decimal(month, 2);
    out.decimal(day, 2);
    out.text("T");
    out.decimal(rest / 3600, 2);
    out.decimal(rest / 60 % 60, 2);
    out.decimal(rest % 60, 2);
    out.text("Z");
}

std::uintptr_t program_counter(const void* context) {
#if defined(__x86_64__)
    const auto* machine = static_cast<const ucontext_t*>(context);
    return static_cast<std::uintptr_t>(machine->uc_mcontext.gregs[REG_RIP]);
#elif defined(__aarch64__)
    const auto* machine = static_cast<const ucontext_t*>(context);
    return static_cast<std::uintptr_t>(machine->uc_mcontext.pc);
#else
    static_cast<void>(context);
    return 0;
#endif
}

void put_frame(Out& out, std::uintptr_t address) {
    out.text("frame ");
    out.hex(address);
    for (std::size_t i = 0; i < prepared.module_count; ++i) {
        const auto& module = prepared.modules[i];
        if (address < module.begin || address >= module.end) continue;
        out.text(" ");
        out.plain(module.name.data());
        out.text("+");
        out.hex(address - module.base);
        out.text(" [");
        out.text(module.build_id.data());
        out.text("]");
        break;
    }
    out.text("\n");
}

/// The name of a file that is not there yet.
int open_record(std::int64_t now) {
    Out name(-1);
    name.text("crash-");
    put_time(name, now);
    name.text("-");
    name.decimal(::getpid());
    name.text(".txt");
    return ::openat(prepared.folder, name.text_so_far(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                    0600);
}

void put_head(Out& out, int signal, const siginfo_t& said, const void* context, std::int64_t now) {
    out.text("portal crash record 1\nversion ");
    out.plain(prepared.version.data());
    out.text("\ntime ");
    put_time(out, now);
    out.text("\nprocess ");
    out.decimal(::getpid());
    out.text("\nsignal ");
    out.text(name_of(signal));
    out.text("\ncode ");
    out.decimal(said.si_code);
    bool sent = said.si_code <= 0;
    out.text(sent ? "\nsent_by " : "\naddress ");
    if (sent) {
        out.decimal(said.si_pid);
    } else {
        out.hex(reinterpret_cast<std::uintptr_t>(said.si_addr));
    }
    out.text("\nthread ");
    std::array<char, 17> thread{};
    ::prctl(PR_GET_NAME, thread.data());
    out.plain(thread.data());
    if (last_request[0] != '\0') {
        out.text("\nlast_request ");
        out.plain(last_request.data());
    }
    if (prepared.has_thrown.load(std::memory_order_acquire)) {
        out.text("\nthrown ");
        out.plain(prepared.thrown.data());
    }
    out.text("\n");
    if (auto at = program_counter(context); at != 0) put_frame(out, at);
    out.flush();
}

void write_record(int signal, const siginfo_t& said, const void* context) {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    int record = open_record(now.tv_sec);
    if (record < 0) return;
    Out out(record);
    put_head(out, signal, said, context, now.tv_sec);
    // The least certain comes last: what is written by now stays.
    std::array<void*, frames_max> frames;
    auto count = ::backtrace(frames.data(), static_cast<int>(frames.size()));
    for (int i = 0; i < count; ++i) {
        put_frame(out, reinterpret_cast<std::uintptr_t>(frames[static_cast<std::size_t>(i)]));
    }
    out.text("end\n");
    out.flush();
    ::fsync(record);
    ::close(record);
}

/// Should the rest hang, SIGALRM ends the process; by a handler, since the first process of a
/// container is not ended by what it does not handle.
void limit_time() {
    struct sigaction ending {};
    ending.sa_handler = [](int signal) { ::_exit(128 + signal); };
    ::sigaction(SIGALRM, &ending, nullptr);
    sigset_t alarm;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    ::pthread_sigmask(SIG_UNBLOCK, &alarm, nullptr);
    ::alarm(hang_seconds);
}

void handle(int signal, siginfo_t* said, void* context) {
    int error = errno;
    auto thread = ::syscall(SYS_gettid);
    long nobody = 0;
    if (prepared.recording.compare_exchange_strong(nobody, thread)) {
        limit_time();
        write_record(signal, *said, context);
        ::alarm(0);
    } else if (nobody != thread) {
        // Another thread is at it, and ends the process.
        timespec while_it_writes{hang_seconds, 0};
        ::nanosleep(&while_it_writes, nullptr);
    }
    for (std::size_t i = 0; i < signals.size(); ++i) {
        if (signals[i] == signal) ::sigaction(signal, &prepared.before[i], nullptr);
    }
    // A fault happens again on return. What somebody has sent does not: it is sent once more, and
    // comes when this handler has ended. To the first process of a container it would not come.
    if (said->si_code <= 0) {
        if (::getpid() == 1) ::_exit(128 + signal);
        ::syscall(SYS_tgkill, ::getpid(), thread, signal);
    }
    errno = error;
}

[[noreturn]] void on_terminate() {
    if (!prepared.has_thrown.load() && std::current_exception()) {
        std::string_view what = "an exception";
        if (auto* type = abi::__cxa_current_exception_type()) what = type->name();
        copy_text(prepared.thrown, what);
        prepared.has_thrown.store(true, std::memory_order_release);
    }
    std::abort();
}

void read_build_id(LoadedModule& module, const dl_phdr_info& info, const ElfW(Phdr) & part) {
    const auto* at = reinterpret_cast<const char*>(info.dlpi_addr + part.p_vaddr);
    const auto* end = at + part.p_memsz;
    while (at + sizeof(ElfW(Nhdr)) <= end) {
        ElfW(Nhdr) note;
        std::memcpy(&note, at, sizeof(note));
        const auto* name = at + sizeof(note);
        const auto* id = name + ((note.n_namesz + 3) & ~3u);
        at = id + ((note.n_descsz + 3) & ~3u);
        if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != 4 || at > end) continue;
        if (std::memcmp(name, "GNU", 4) != 0) continue;
        auto bytes = std::min<std::size_t>(note.n_descsz, (module.build_id.size() - 1) / 2);
        for (std::size_t i = 0; i < bytes; ++i) {
            auto byte = static_cast<unsigned char>(id[i]);
            module.build_id[2 * i] = "0123456789abcdef"[byte >> 4];
            module.build_id[2 * i + 1] = "0123456789abcdef"[byte & 15];
        }
        return;
    }
}

int note_module(dl_phdr_info* info, std::size_t, void*) {
    if (prepared.module_count == modules_max) return 1;
    auto& module = prepared.modules[prepared.module_count];
    module.base = info->dlpi_addr;
    module.begin = UINTPTR_MAX;
    for (int i = 0; i < info->dlpi_phnum; ++i) {
        const auto& part = info->dlpi_phdr[i];
        if (part.p_type == PT_NOTE) read_build_id(module, *info, part);
        if (part.p_type != PT_LOAD) continue;
        auto begin = info->dlpi_addr + part.p_vaddr;
        module.begin = std::min<std::uintptr_t>(module.begin, begin);
        module.end = std::max<std::uintptr_t>(module.end, begin + part.p_memsz);
    }
    std::string_view path = info->dlpi_name ? info->dlpi_name : "";
    copy_text(module.name, path.empty() ? "portal" : path.substr(path.rfind('/') + 1));
    if (module.end > module.begin) ++prepared.module_count;
    return 0;
}

}  // namespace

bool record_crashes(const std::filesystem::path& folder, std::string_view version) {
    prepared.folder = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (prepared.folder < 0) return false;
    copy_text(prepared.version, version);
    prepared.module_count = 0;
    ::dl_iterate_phdr(note_module, nullptr);
    std::array<void*, 4> unused;
    ::backtrace(unused.data(), static_cast<int>(unused.size()));
    base::name_thread("portal");
    std::set_terminate(on_terminate);
    for (std::size_t i = 0; i < signals.size(); ++i) {
        struct sigaction action {};
        action.sa_sigaction = handle;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK;
        sigfillset(&action.sa_mask);
        // Those that a second fault would raise are not to be lost.
        for (int other : signals) sigdelset(&action.sa_mask, other);
        ::sigaction(signals[i], &action, &prepared.before[i]);
    }
    return true;
}

void note_request(std::string_view request_id) {
    copy_text(last_request, request_id);
}

}  // namespace telemetry
