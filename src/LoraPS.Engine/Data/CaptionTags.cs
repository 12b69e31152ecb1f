namespace LoraPS.Engine.Data;

/// <summary>A caption taken apart.</summary>
/// <param name="KeptFront">Tags that stay at the front.</param>
/// <param name="Free">Tags that are shuffled, dropped and warmed up.</param>
/// <param name="KeptEnd">Tags that stay at the end.</param>
internal sealed record CaptionTags(IReadOnlyList<string> KeptFront, IReadOnlyList<string> Free, IReadOnlyList<string> KeptEnd)
{
    /// <summary>Takes a caption apart. Empty tags fall away only where the kept part is marked in the text, as in the reference.</summary>
    public static CaptionTags Parse(string caption, CaptionOptions options)
    {
        if (options.KeepTokensSeparator is { Length: > 0 } mark && caption.Contains(mark, StringComparison.Ordinal))
        {
            var parts = caption.Split(mark, 3);
            return new CaptionTags(
                SplitFilled(parts[0], options.Separator),
                SplitFilled(parts[1], options.Separator),
                parts.Length == 3 ? SplitFilled(parts[2], options.Separator) : []);
        }

        var tags = caption.Trim().Split(options.Separator, StringSplitOptions.TrimEntries);
        return new CaptionTags([.. tags.Take(options.KeepTokens)], [.. tags.Skip(options.KeepTokens)], []);
    }

    private static string[] SplitFilled(string part, string separator) =>
        part.Split(separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
