namespace LoraPS.Engine.Formats;

/// <summary>The hashes a LoRA file carries of itself.</summary>
/// <param name="Model"><c>sshs_model_hash</c>: SHA-256 of all tensors' bytes, 64 digits.</param>
/// <param name="Legacy"><c>sshs_legacy_hash</c>: 8 digits over 64 KiB at 1 MiB of the file as it were with only its <c>ss_</c> metadata.</param>
public sealed record LoraHashes(string Model, string Legacy);
