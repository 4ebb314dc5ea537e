# The fuzz harnesses: each tests/fuzz/<name>.cpp is one program build/fuzz/fuzz_<name>, made by clang
# for libFuzzer. A build of its own, since every object has other instrumentation than the tests
# have; and only of those files of the product that read what comes from outside (FUZZED in add_module),
# since every run of the tests pays for it. A harness that needs one more file says so when it is linked.
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "libFuzzer is clang's: ./dev fuzz, or cmake --preset fuzz.")
endif()

# Warnings are GCC's business. Beast and Asio come as headers here: only the little that parsers
# use of them is compiled, and no file with all of it.
get_target_property(definitions portal_settings INTERFACE_COMPILE_DEFINITIONS)
list(FILTER definitions EXCLUDE REGEX "_SEPARATE_COMPILATION$")
set_target_properties(portal_settings PROPERTIES INTERFACE_COMPILE_DEFINITIONS "${definitions}")
target_compile_options(portal_settings INTERFACE -w -fsanitize=fuzzer-no-link,float-cast-overflow
    "SHELL:-Xclang -fno-pch-timestamp")  # or ccache could not use the precompiled header

get_property(fuzzed GLOBAL PROPERTY portal_fuzzed)
add_library(portal_fuzzed STATIC ${fuzzed})
target_include_directories(portal_fuzzed PUBLIC "${CMAKE_SOURCE_DIR}/include"
    "${CMAKE_SOURCE_DIR}/src" "${CMAKE_SOURCE_DIR}/tests")
target_link_libraries(portal_fuzzed PUBLIC portal_settings OpenSSL::Crypto ZLIB::ZLIB
    PkgConfig::brotli PkgConfig::sodium PkgConfig::unicode PkgConfig::markdown ${STEMMER_LIBRARY}
    nlohmann_json::nlohmann_json)
target_precompile_headers(portal_fuzzed REUSE_FROM portal_precompiled)

file(GLOB harnesses CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/fuzz/*.cpp")
foreach(source IN LISTS harnesses)
    get_filename_component(name "${source}" NAME_WE)
    add_executable(fuzz_${name} "${source}")
    target_link_libraries(fuzz_${name} PRIVATE portal_fuzzed)
    # What a harness never calls may be missing, as the most of the product does: the linker warns and
    # names it, and a call of it would be one of address 0.
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer -no-pie
        LINKER:--warn-unresolved-symbols)
    target_precompile_headers(fuzz_${name} REUSE_FROM portal_precompiled)
endforeach()
# The comparison that it shares with the tests of http.
target_sources(fuzz_framing PRIVATE "${CMAKE_SOURCE_DIR}/tests/http/second_opinion.cpp")
target_include_directories(fuzz_framing PRIVATE "${CMAKE_SOURCE_DIR}/src/http")
