namespace LoraPS.Engine.Reports.Facts;

/// <summary>A file that a report lists.</summary>
/// <param name="Name">Its name, without its folder.</param>
/// <param name="Role">What it is.</param>
/// <param name="Length">Bytes; null where it is not there any more.</param>
/// <param name="Sha256">Its hash; null where it is not there any more.</param>
internal sealed record FileFacts(string Name, string Role, long? Length, string? Sha256);
