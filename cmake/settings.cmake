# Compiler, warnings, libraries and the precompiled header that every module shares.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(PORTAL_TESTS "Build the tests" ON)
option(PORTAL_BENCH "Build the benchmark peers" OFF)
option(PORTAL_FUZZ "Build the fuzz harnesses, and nothing else" OFF)
set(PORTAL_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them (address,undefined or thread)")

find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        ${CCACHE})
endif()

find_package(Boost 1.81 REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(Threads REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(crypt REQUIRED IMPORTED_TARGET libcrypt)
pkg_check_modules(unicode REQUIRED IMPORTED_TARGET libutf8proc libidn2)
pkg_check_modules(markdown REQUIRED IMPORTED_TARGET md4c)
pkg_check_modules(brotli REQUIRED IMPORTED_TARGET libbrotlienc libbrotlidec)
pkg_check_modules(jpeg REQUIRED IMPORTED_TARGET libjpeg)
pkg_check_modules(spng REQUIRED IMPORTED_TARGET spng)
pkg_check_modules(webp REQUIRED IMPORTED_TARGET libwebp libwebpdemux)
pkg_check_modules(avif REQUIRED IMPORTED_TARGET libavif)
pkg_check_modules(lcms REQUIRED IMPORTED_TARGET lcms2)
pkg_check_modules(seccomp REQUIRED IMPORTED_TARGET libseccomp)
find_package(ZLIB REQUIRED)
if(NOT PORTAL_SANITIZE)
    pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)
endif()
# It comes without a description of itself.
find_library(STEMMER_LIBRARY NAMES stemmer REQUIRED)
find_path(STEMMER_INCLUDE libstemmer.h REQUIRED)
# Compiled in line, so there is nothing to link.
find_path(XXHASH_INCLUDE xxhash.h REQUIRED)

# What every translation unit of the project must agree on.
add_library(portal_settings INTERFACE)
target_compile_definitions(portal_settings INTERFACE
    BOOST_ASIO_SEPARATE_COMPILATION
    BOOST_BEAST_SEPARATE_COMPILATION
    BOOST_ASIO_NO_DEPRECATED
    BOOST_ASIO_DISABLE_BOOST_COROUTINE
    BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=4
    SPDLOG_FMT_EXTERNAL)
target_compile_options(portal_settings INTERFACE
    -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Wold-style-cast
    -Woverloaded-virtual -Wcast-qual -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # The precompiled header must give the same bytes on each build, or ccache cannot use it.
    target_compile_options(portal_settings INTERFACE -fpch-preprocess)
endif()
if(PORTAL_SANITIZE)
    # A public header that is compiled alone (the only object libraries) is never run.
    set(is_run "$<NOT:$<STREQUAL:$<TARGET_PROPERTY:TYPE>,OBJECT_LIBRARY>>")
    target_compile_options(portal_settings INTERFACE
        "$<${is_run}:-fsanitize=${PORTAL_SANITIZE}>" -fno-omit-frame-pointer
        -fno-sanitize-recover=all
        # vptr looks at memory through a pipe, so it condemns every object of a process that is out of
        # descriptors; and that is a case of ours. The three others are a fifth of all time that
        # compiling takes: the address sanitizer ends a process that uses a null pointer or goes past
        # an object as well, and no machine of ours minds an odd address.
        -fno-sanitize=vptr,null,object-size,alignment)
    target_link_options(portal_settings INTERFACE -fsanitize=${PORTAL_SANITIZE})
    # The tests are twenty programs of a hundred megabytes: a linker that uses every core.
    find_program(MOLD mold)
    if(MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        target_link_options(portal_settings INTERFACE -fuse-ld=mold)
    endif()
    if(PORTAL_SANITIZE MATCHES address)
        # Each test is a process of its own, and a quarter of its start would go into relocations.
        target_link_options(portal_settings INTERFACE -no-pie)
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # Asio under GCC's sanitizers: docs/decisions has no say in it, the warnings are false.
        target_compile_options(portal_settings INTERFACE -Wno-tsan -Wno-mismatched-new-delete
            -Wno-maybe-uninitialized)
    endif()
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT PORTAL_SANITIZE)
    # False at -O2 under GCC 12: Asio's coroutine frames, and std::string's concatenation.
    target_compile_options(portal_settings INTERFACE -Wno-mismatched-new-delete
        -Wno-stringop-overflow -Wno-restrict)
endif()
target_link_libraries(portal_settings INTERFACE Boost::headers Threads::Threads)

# Written once: a newer file would make the precompiled header, and with it everything, out of date.
if(NOT EXISTS "${CMAKE_BINARY_DIR}/precompiled.cpp")
    file(WRITE "${CMAKE_BINARY_DIR}/precompiled.cpp" "// The precompiled header hangs on this file.\n")
endif()
add_library(portal_precompiled STATIC "${CMAKE_BINARY_DIR}/precompiled.cpp")
target_link_libraries(portal_precompiled PRIVATE portal_settings nlohmann_json::nlohmann_json)
target_precompile_headers(portal_precompiled PRIVATE
    <algorithm> <array> <atomic> <chrono> <condition_variable> <cstdint> <deque> <filesystem>
    <fstream> <functional> <map> <memory> <mutex> <optional> <set> <span> <sstream> <string>
    <string_view> <thread> <unordered_map> <utility> <variant> <vector>
    <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/io_context.hpp>
    <boost/asio/post.hpp> <boost/asio/redirect_error.hpp> <boost/asio/steady_timer.hpp> <boost/asio/use_awaitable.hpp>
    <boost/asio/generic/stream_protocol.hpp> <boost/asio/ip/tcp.hpp>
    <boost/system/result.hpp> "${CMAKE_CURRENT_LIST_DIR}/precompiled_json.hpp")
