# compile_together(target): several files of a folder are one translation unit, so that what each of
# them includes and instantiates is compiled once for all of them. Only for the builds with sanitizers
# (PORTAL_TOGETHER, in CMakePresets.json): the release compiles each file alone, and so tells of an
# include that is missing.
# Two files that are together cannot have one name in their unnamed namespaces. Where one has, it gets
# another, or the file stands in the list below.
option(PORTAL_TOGETHER "Compile several files of a folder at once" OFF)

set(PORTAL_COMPILED_ALONE
    # Asio and Beast, and Catch's main: enough for one.
    src/base/asio tests/main
    # With options of its own: see CMakeLists.txt.
    src/database/page_checksum src/database/page_checksum_avx2
    # Names that others of the folder have, too.
    src/gateway/event_json src/gateway/jobs src/gateway/migration_routes src/gateway/mode
    src/gateway/mode_store src/gateway/module src/gateway/sign_service src/gateway/throttle_service
    src/http/blocking_client src/http/connection src/http/exchange src/http/head_guard src/http/in_process
    src/http/response_writer src/http/server_tunnel src/http/upstream_address src/http/upstream_exchange
    src/http/upstream_socket src/http/upstream_tls src/http/worker src/http/worker_accept
    src/identity/api_keys_service src/identity/keys_json src/identity/keys_service
    src/identity/login_delay src/identity/login_service src/identity/module src/identity/password_crypto
    src/identity/routes src/identity/token_crypto src/identity/token_json
    src/legacy/compare src/legacy/diagnosis src/legacy/drf_pages src/legacy/failure_page
    src/legacy/html_text src/legacy/jobs src/legacy/proxy_head src/legacy/proxy_service
    src/legacy/route_json src/legacy/shape src/legacy/time_text src/legacy/time_zone
    src/legacy/upload_service src/legacy/upstream_choice
    src/news/event_json src/news/event_store src/news/import src/news/instance src/news/jobs
    src/news/list_store src/news/module src/news/projector src/news/query_service src/news/rebuild
    src/news/scheduler src/news/verify src/news/version_store
    src/operations/jobs
    src/orchestrator/write_routes
    src/portal/migrate
    src/site/call_json src/site/event_json src/site/list src/site/list_service src/site/list_store
    src/site/module src/site/redirect src/site/redirect_service src/site/redirect_store src/site/routes
    src/site/verify_store
    tests/chaos/kill_test tests/chaos/registration_test
    tests/gateway/rules_test
    tests/http/body_test tests/http/client_pool_test tests/http/client_test tests/http/connection_test tests/http/head_guard_test
    tests/http/ip_network_test tests/http/pipeline_test tests/http/range_test tests/http/raw_client
    tests/http/response_guard_test tests/http/scripted_upstream tests/http/sealed_file_test
    tests/http/second_opinion tests/http/second_opinion_test tests/http/server_test tests/http/test_server
    tests/http/tls_certificate_test tests/http/tls_test tests/http/upgrade_test
    tests/identity/audit_test tests/identity/keys_test tests/identity/login_test
    tests/identity/session_test
    tests/legacy/django_site_test tests/legacy/drf_pages_test tests/legacy/lying_upstream_test
    tests/legacy/redaction_test tests/legacy/time_zone_test
    tests/news/rebuild_test
    tests/recommendation/visit_inbox_test
    tests/site/redirect_test tests/site/routes_test
    tests/support/portal_process
    tests/system/folder_test tests/system/road_test tests/system/schedule_test tests/system/secrets_test
    tests/system/switch_test tests/system/tls_test tests/system/verify_test
    tests/telemetry/log_test)

function(compile_together target)
    if(NOT PORTAL_TOGETHER)
        return()
    endif()
    set(alone ${PORTAL_COMPILED_ALONE})
    list(TRANSFORM alone PREPEND "${CMAKE_SOURCE_DIR}/")
    list(TRANSFORM alone APPEND ".cpp")
    file(GLOB alone ${alone})
    set_source_files_properties(${alone} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # It takes a file that is included for a header, which others might include as well.
        target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
    endif()
endfunction()
