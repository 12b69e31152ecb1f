using LoraPS.Engine.Reports.Facts;
using LoraPS.Engine.Reports.Html;

namespace LoraPS.Engine.Reports.Sections;

/// <summary>Files with their sizes and hashes.</summary>
internal static class FileSection
{
    /// <summary>The section; empty without files.</summary>
    public static Section Of(IReadOnlyList<FileFacts> files)
    {
        var table = new Table("Files", "File", "What it is", "Size#", "SHA-256%");
        foreach (var file in files)
        {
            table.Add(
                Markup.Of($"{LongText.Cut(file.Name, 80)}"), Markup.Of($"{file.Role}"), Markup.Of($"{(file.Length is { } length ? Figures.Bytes(length) : "")}"),
                file.Sha256 is null ? Markup.Of($"""<span class="note">not there any more</span>""") : Markup.Of($"""<span class="hash">{file.Sha256}</span>"""));
        }

        return new("files", "Files", table.Render());
    }
}
