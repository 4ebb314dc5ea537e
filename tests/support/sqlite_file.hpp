#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

/// A database file from outside the program: to look into it, or to spoil it. Only while no server
/// has it: another process that checkpoints would corrupt it.
namespace support {

/// Carries out statements that give no rows. Throws with SQLite's sentence.
void change_database(const std::filesystem::path& file, const std::string& sql);

/// Gives each page of a closed store the checksum of what it holds now: for what no statement can
/// write, and is to be found by something else than the checksums.
void seal_pages(const std::filesystem::path& file);

/// The first value of the first row; throws if there is none.
std::int64_t number_from_database(const std::filesystem::path& file, const std::string& sql);

/// All rows, each as its values with a bar between; blobs as their bytes.
std::vector<std::string> rows_from_database(const std::filesystem::path& file,
                                            const std::string& sql);

/// Every row of every table, each as above with its table before it, read as a server would.
std::vector<std::string> everything_in_database(const std::filesystem::path& file);

/// Overwrites every page but the first, which says what the file is. Also while a server has it,
/// and from within the program that has it: another process does it, so that no lock is lost.
void overwrite_pages(const std::filesystem::path& file);

/// What else a file may be instead of the store that it was: a text, a folder, half of itself,
/// nothing.
void put_text(const std::filesystem::path& file);
void put_folder(const std::filesystem::path& file);
void cut_short(const std::filesystem::path& file);
void take_away(const std::filesystem::path& file);

}  // namespace support
