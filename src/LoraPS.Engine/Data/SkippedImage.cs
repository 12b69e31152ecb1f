namespace LoraPS.Engine.Data;

/// <summary>A picture that was found and left out.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Reason">Why, in one sentence.</param>
public sealed record SkippedImage(string Path, string Reason);
