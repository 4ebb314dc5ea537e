#pragma once

namespace portal {

/// The whole program: reads the command line and the configuration, wires the modules, runs until
/// it is told to stop, and gives the exit code: 0 done; 1 it failed; 2 wrong use or configuration;
/// 3 done, but some input was refused and reported. Called once, by main.
int run(int argc, char** argv);

}  // namespace portal
