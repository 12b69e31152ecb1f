namespace LoraPS.Engine.Training;

/// <summary>A caption as the text encoder reads it.</summary>
/// <param name="Text">The caption.</param>
/// <param name="Ids">Token ids, a row for each chunk.</param>
/// <param name="Weights">Weight of each state, [75·chunks + 2], or null where all count the same.</param>
internal sealed record CaptionTokens(string Text, long[][] Ids, float[]? Weights);
