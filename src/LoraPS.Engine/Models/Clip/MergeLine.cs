namespace LoraPS.Engine.Models.Clip;

/// <summary>One line of a list of merges: two tokens that become one.</summary>
/// <param name="Path">The file.</param>
/// <param name="Number">The line, from 1.</param>
/// <param name="Text">The two tokens with a space between.</param>
/// <param name="Parts">The two tokens.</param>
internal readonly record struct MergeLine(string Path, int Number, string Text, string[] Parts)
{
    private const int LongestQuote = 60;

    /// <summary>The token that the two become.</summary>
    public string Whole => string.Concat(Parts);

    /// <summary>Takes a line apart.</summary>
    public static MergeLine Parse(string path, int number, string line) =>
        line.Split(' ') is [{ Length: > 0 }, { Length: > 0 }] parts
            ? new MergeLine(path, number, line, parts)
            : throw new TokenizerFormatException(path, number, $"expected two tokens with one space between, found {Quote(line)}");

    /// <summary>An error about this line.</summary>
    public TokenizerFormatException Wrong(string found) => new(Path, Number, found);

    private static string Quote(string line) =>
        line.Any(char.IsControl) ? "data that are not text" : $"\"{line[..Math.Min(line.Length, LongestQuote)]}\"";
}
