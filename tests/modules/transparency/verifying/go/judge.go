// Judges published logs with Go's own packages for transparency logs (golang.org/x/mod/sumdb), which share nothing with ours.
// Reads folders from standard input, a line each; answers "true" or "false" and why, a line each.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type hashes []tlog.Hash

func (all hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, index := range indexes {
		if index < 0 || index >= int64(len(all)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		found = append(found, all[index])
	}
	return found, nil
}

func tilePath(number int64, width int) string {
	path := fmt.Sprintf("%03d", number%1000)
	for rest := number / 1000; rest > 0; rest /= 1000 {
		path = fmt.Sprintf("x%03d/%s", rest%1000, path)
	}
	if width < 256 {
		path += ".p/" + strconv.Itoa(width)
	}
	return path
}

func judge(folder string, keys note.Verifiers) error {
	raw, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return err
	}
	opened, err := note.Open(raw, keys)
	if err != nil {
		return err
	}
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil {
		return err
	}
	if opened.Sigs[0].Name != lines[0] {
		return fmt.Errorf("another log's head")
	}
	var all hashes
	for number := int64(0); number*256 < size; number++ {
		width := 256
		if rest := size - number*256; rest < 256 {
			width = int(rest)
		}
		bundle, err := os.ReadFile(filepath.Join(folder, "tile/entries", tilePath(number, width)))
		if err != nil {
			return err
		}
		tile, err := os.ReadFile(filepath.Join(folder, "tile/0", tilePath(number, width)))
		if err != nil {
			return err
		}
		if len(tile) != 32*width {
			return fmt.Errorf("tile %d has %d bytes", number, len(tile))
		}
		for place := 0; place < width; place++ {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				return fmt.Errorf("bundle %d is cut", number)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			index := number*256 + int64(place)
			leaf := tlog.RecordHash(bundle[2:end])
			if !bytes.Equal(leaf[:], tile[place*32:place*32+32]) {
				return fmt.Errorf("leaf %d differs from its tile", index)
			}
			more, err := tlog.StoredHashesForRecordHash(index, leaf, all)
			if err != nil {
				return err
			}
			all = append(all, more...)
			bundle = bundle[end:]
		}
		if len(bundle) > 0 {
			return fmt.Errorf("bundle %d is too long", number)
		}
	}
	found, err := tlog.TreeHash(size, all)
	if err != nil {
		return err
	}
	if !bytes.Equal(found[:], root) {
		return fmt.Errorf("another root")
	}
	// A receipt's proof and a witness's, by Go's own prover and checker.
	if size > 1 {
		proof, err := tlog.ProveRecord(size, size/2, all)
		if err != nil {
			return err
		}
		leaf, _ := all.ReadHashes([]int64{tlog.StoredHashIndex(0, size/2)})
		if err := tlog.CheckRecord(proof, size, found, size/2, leaf[0]); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	verifier, err := note.NewVerifier(os.Args[1])
	if err != nil {
		fmt.Println("no key:", err)
		os.Exit(2)
	}
	keys := note.VerifierList(verifier)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if err := judge(lines.Text(), keys); err != nil {
			fmt.Println("false", strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Println("true")
		}
	}
}
