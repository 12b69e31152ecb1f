namespace LoraPS.Engine.Sampling;

/// <summary>A picture that was made.</summary>
/// <param name="Path">The PNG file; its text chunk "parameters" holds the settings.</param>
/// <param name="Prompt">What it should show.</param>
/// <param name="NegativePrompt">What it should not show.</param>
/// <param name="Seed">The seed of this picture.</param>
/// <param name="Sampler">The sampler.</param>
/// <param name="Steps">Its steps.</param>
/// <param name="GuidanceScale">How strongly it was drawn to the prompt.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Duration">Time it took, without loading the model.</param>
public sealed record GeneratedImage(
    string Path, string Prompt, string NegativePrompt, long Seed, string Sampler, int Steps, double GuidanceScale, int Width, int Height, TimeSpan Duration);
