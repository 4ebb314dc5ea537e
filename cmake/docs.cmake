# embed_docs(): the contract as JSON, and the page that shows it, as bytes of the program.
# Python makes the JSON and is needed. The viewer of the page comes from npm; without npm, or
# without a network, the build says so and goes on without /docs.

# Debian's own first: it is the one that has Debian's python3-yaml and python3-jsonschema.
find_program(PORTAL_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
find_program(PORTAL_PYTHON NAMES python3 REQUIRED)
find_program(PORTAL_NPM npm)

include(embed)

function(embed_docs)
    set(folder "${CMAKE_BINARY_DIR}/docs")
    set(contract "${folder}/openapi.json")
    file(MAKE_DIRECTORY "${folder}")
    add_custom_command(
        OUTPUT "${contract}"
        COMMAND "${PORTAL_PYTHON}" "${CMAKE_SOURCE_DIR}/cmake/openapi_json.py"
                "${CMAKE_SOURCE_DIR}/api/openapi.yaml" "${contract}"
        DEPENDS "${CMAKE_SOURCE_DIR}/api/openapi.yaml" "${CMAKE_SOURCE_DIR}/cmake/openapi_json.py"
        COMMENT "The contract as JSON" VERBATIM)
    set(names openapi.json)
    set(files "${contract}")

    execute_process(
        COMMAND "${PORTAL_PYTHON}" "${CMAKE_SOURCE_DIR}/cmake/fetch_viewer.py" "${folder}/viewer"
                "${PORTAL_NPM}"
        OUTPUT_VARIABLE said OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE result)
    set_property(DIRECTORY "${CMAKE_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
                 "${CMAKE_SOURCE_DIR}/cmake/fetch_viewer.py")
    if(result EQUAL 0)
        list(APPEND names index.html start.js viewer.js viewer.css licenses.txt)
        list(APPEND files "${CMAKE_SOURCE_DIR}/api/docs/index.html"
             "${CMAKE_SOURCE_DIR}/api/docs/start.js" "${folder}/viewer/viewer.js"
             "${folder}/viewer/viewer.css" "${folder}/viewer/licenses.txt")
    elseif(result EQUAL 3)
        message(NOTICE "portal is built without its page /docs, since ${said}. "
                "Install nodejs and npm and configure again to have it.")
    else()
        message(FATAL_ERROR "The viewer of /docs: ${said}")
    endif()

    embed_files(portal docs NAMES ${names} FILES ${files})
endfunction()
