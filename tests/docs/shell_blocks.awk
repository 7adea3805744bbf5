# Writes each shell block of a document into a file of its own, FOLDER/block-NN-WHEN.sh, by what stands above it: WHEN is empty
# for `<!-- shell -->`, and `at-length` for `<!-- shell: at length -->`. A block without is an error.
#
#   awk -v folder=FOLDER -f shell_blocks.awk DOCUMENT.md
/^<!-- shell(: [a-z ]+)? -->$/ { when = $0; next }
/^```sh$/ {
  if (when == "") { print FILENAME ":" FNR ": a shell block without <!-- shell … --> above it"; failed = 1 }
  gsub(/^<!-- shell(: )?| -->$/, "", when)
  gsub(/ /, "-", when)
  file = sprintf("%s/block-%02d-%s.sh", folder, ++blocks, when)
  when = ""
  next
}
/^```$/ { if (file != "") close(file); file = ""; next }
file != "" { print > file; next }
/./ { when = "" }
END { if (failed) exit 1 }
