# install_portal(): what `cmake --install` puts where (the program, what systemd needs to run it, its
# settings, its pages), and the .deb that `cpack -G DEB` makes of the same files.

function(install_portal)
    install(TARGETS portal RUNTIME DESTINATION bin COMPONENT runtime)
    set(source "${CMAKE_SOURCE_DIR}")
    set(documents share/doc/portal)
    set(examples share/portal)
    install(FILES "${source}/packaging/sysusers.conf" RENAME portal.conf
        DESTINATION lib/sysusers.d COMPONENT runtime)
    install(FILES "${source}/packaging/portal.socket"
        DESTINATION lib/systemd/system COMPONENT runtime)
    install(FILES "${source}/config/portal.json" "${source}/packaging/nginx.conf"
        DESTINATION ${examples} COMPONENT runtime)
    file(GLOB pages CONFIGURE_DEPENDS "${source}/docs/*.md" "${source}/docs/*.svg")
    install(FILES ${pages} "${source}/CHANGELOG.md" DESTINATION ${documents} COMPONENT runtime)
    install(FILES "${source}/LICENSE" RENAME copyright DESTINATION ${documents} COMPONENT runtime)
    # Only at installation it is known where that is.
    set(made "${CMAKE_BINARY_DIR}/installed")
    install(CODE "
        set(prefix \"\${CMAKE_INSTALL_PREFIX}\")
        set(settings_folder \"\${prefix}/etc/portal\")
        if(prefix STREQUAL /usr)
            set(settings_folder /etc/portal)
        endif()
        set(settings \"\${settings_folder}/portal.json\")
        set(program \"\${prefix}/bin/portal\")
        set(documents \"\${prefix}/${documents}\")
        set(examples \"\${prefix}/${examples}\")
        set(at @)
        configure_file(\"${source}/packaging/portal.service.in\" \"${made}/portal.service\" @ONLY)
        configure_file(\"${source}/packaging/portal.json\" \"${made}/portal.json\" @ONLY)
        file(INSTALL \"${made}/portal.service\" DESTINATION \"\${prefix}/lib/systemd/system\")
        # One that is there is somebody's.
        if(NOT EXISTS \"\$ENV{DESTDIR}\${settings}\")
            file(INSTALL \"${made}/portal.json\" DESTINATION \"\${settings_folder}\")
        endif()
    " COMPONENT runtime)
endfunction()

# A macro, since CPack reads its variables where it is included.
macro(package_portal)
    set(CPACK_GENERATOR DEB)
    set(CPACK_PACKAGE_NAME portal)
    set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
    set(CPACK_PACKAGE_CONTACT "portal developers <root@localhost>")
    set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "news-site server in one binary")
    set(CPACK_PACKAGE_DESCRIPTION
        "Holds news of any number of types, keeps every change as an event, and serves
the public news API. It runs on nothing but its own data folder: no database
server, no cache, no queue beside it.")
    set(CPACK_INSTALL_CMAKE_PROJECTS "${CMAKE_BINARY_DIR};portal;runtime;/")
    # The files are made for their real place.
    set(CPACK_SET_DESTDIR ON)
    set(CPACK_INSTALL_PREFIX /usr)
    set(CPACK_STRIP_FILES ON)
    set(CPACK_PACKAGE_DIRECTORY "${CMAKE_SOURCE_DIR}/build/package")
    set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
    set(CPACK_DEBIAN_PACKAGE_SECTION web)
    set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
    set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, init-system-helpers (>= 1.52)")
    set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates, tzdata")
    set(CPACK_DEBIAN_PACKAGE_SUGGESTS nginx)
    set(scripts "")
    foreach(script postinst prerm postrm conffiles)
        list(APPEND scripts "${CMAKE_SOURCE_DIR}/packaging/debian/${script}")
    endforeach()
    set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${scripts}")
    set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
    include(CPack)
endmacro()
