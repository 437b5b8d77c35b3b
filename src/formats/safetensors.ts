// Checkpoints and weights in the safetensors format; safetensors/format.ts describes the bytes.
export { decodeSafetensors } from "./safetensors/decode.ts";
export { encodeSafetensors, joinPieces, streamSafetensors, type SafetensorsFile } from "./safetensors/encode.ts";
export {
  MAX_FILE_BYTES,
  MAX_HEADER_BYTES,
  type SafetensorsContent,
  type SafetensorsTensor,
} from "./safetensors/format.ts";
