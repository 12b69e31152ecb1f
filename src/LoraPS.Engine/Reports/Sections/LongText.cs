namespace LoraPS.Engine.Reports.Sections;

/// <summary>Keeps a page small where a text in it is not.</summary>
internal static class LongText
{
    /// <summary>The text, or its beginning with a note of how long it is.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="longest">Characters that are kept.</param>
    public static string Cut(string text, int longest) =>
        text.Length <= longest ? text : $"{text[..longest]}… ({Html.Figures.Count(text.Length)} characters)";
}
