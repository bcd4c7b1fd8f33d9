#!/bin/sh
# Generates the code of protobuf messages, ONNX's and those of TensorBoard's event files. The result
# is committed, so only a change of a .proto file here or a new swift-protobuf asks for this. Needs
# protoc (Debian: protobuf-compiler).
set -eu
cd "$(dirname "$0")/.."

if ! command -v protoc >/dev/null; then
  echo "error: protoc is missing" >&2
  echo "  to do: install protobuf-compiler" >&2
  exit 1
fi
package=.build/checkouts/swift-protobuf
[ -d "$package" ] || swift package resolve
swift build --package-path "$package" -c release --product protoc-gen-swift
plugin=$(swift build --package-path "$package" -c release --show-bin-path)/protoc-gen-swift
generate() {
  protoc --proto_path=Scripts --plugin=protoc-gen-swift="$plugin" \
    --swift_opt=Visibility=Package --swift_opt=UseAccessLevelOnImports=true \
    --swift_out="$1" "$2"
}
generate Sources/Export/ONNX onnx.proto
generate Sources/EventFiles tensorboard.proto
