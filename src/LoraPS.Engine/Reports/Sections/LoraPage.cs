using LoraPS.Engine.Formats;
using LoraPS.Engine.Reports.Facts;
using LoraPS.Engine.Reports.Html;

namespace LoraPS.Engine.Reports.Sections;

/// <summary>The page of a LoRA file.</summary>
internal static class LoraPage
{
    /// <summary>The page.</summary>
    public static Page Of(LoraFacts lora) => new(
        "LoRA", lora.File.Name, Subtitle(lora), [.. KeyFigures(lora)],
        [
            MetadataSection.Tags(lora.File),
            WeightSection.Of(lora),
            DatasetSection.Of(lora.File.Metadata),
            SettingSection.Of("Training", Training(lora.File.Metadata)),
            FileSection.Of(lora.Files),
            MetadataSection.Of(lora.File.Metadata),
        ]);

    /// <summary>What matters most of a LoRA; nothing without one.</summary>
    public static IEnumerable<(string Name, string Value)> KeyFigures(LoraFacts? lora)
    {
        if (lora is null)
            return [];
        var file = lora.File;
        var ranks = file.Ranks is [var least, .., var most] ? $"{least}–{most}" : $"{file.Rank}";
        return
        [
            ("Rank", ranks),
            ("Alpha", Figures.Number(file.Alpha)),
            ("Modules", Figures.Count(file.ModuleCount)),
            ("Weight norm", lora.Measurement is { } measured ? Figures.Number(measured.Norm) : "unknown"),
            ("File size", Figures.Bytes(file.Length)),
        ];
    }

    private static string Subtitle(LoraFacts lora)
    {
        var parts = new[]
        {
            Value(lora, ModelSpec.TitleKey) is { } title && title != lora.File.Name ? title : null,
            Value(lora, ModelSpec.Prefix + "author") is { } author ? $"by {author}" : null,
            lora.File.BaseModel is { } model ? $"for {model}" : null,
            lora.File.NetworkModule,
        };
        return LongText.Cut(string.Join(", ", parts.Where(part => part is not null)), 300);
    }

    private static string? Value(LoraFacts lora, string key) => lora.File.Metadata.GetValueOrDefault(key) is { Length: > 0 } value ? value : null;

    /// <summary>The shorter values of the trainer's metadata; those that are "None" say nothing.</summary>
    private static IEnumerable<(string Name, string Value)> Training(IReadOnlyDictionary<string, string> metadata) => metadata
        .Where(entry => entry.Key.StartsWith(LoraMetadata.Prefix, StringComparison.Ordinal) && entry.Value is not ("None" or "{}" or "[]") && entry.Value.Length <= 60)
        .OrderBy(entry => entry.Key, StringComparer.Ordinal)
        .Select(entry => (entry.Key[LoraMetadata.Prefix.Length..].Replace('_', ' '), entry.Value));
}
