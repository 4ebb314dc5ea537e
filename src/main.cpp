#include "portal/program.hpp"

int main(int argc, char** argv) {
    return portal::run(argc, argv);
}
