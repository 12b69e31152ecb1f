using System.Text.Json;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Reports.Html;

namespace LoraPS.Engine.Reports.Facts;

/// <summary>Puts together what a result and the metadata of its file tell of a merge.</summary>
internal static class MergeReader
{
    /// <summary>Reads a merge. What the result of the command says counts before what the file says.</summary>
    public static MergeFacts Read(
        ReportSource source, string name, IReadOnlyDictionary<string, string> metadata, LoraFacts? lora, IReadOnlyList<FileFacts> files)
    {
        using var record = Parse(metadata.GetValueOrDefault(MergeRecord.Key));
        var told = record?.RootElement ?? default;
        var inputs = Inputs(source) is { Count: > 0 } given ? given : Inputs(told);
        return new(
            name, (source.Merge as LoraMergeResult)?.Method ?? Text(told, "method"), Options(told), [.. Model(told), .. inputs],
            source.Merge?.Modules, ResultFigures(source), lora, metadata, files)
        {
            Unmatched = source.Fusion?.UnmatchedModules ?? [],
        };
    }

    private static JsonDocument? Parse(string? json)
    {
        try
        {
            return json is null || JsonDocument.Parse(json) is not { RootElement.ValueKind: JsonValueKind.Object } record ? null : record;
        }
        catch (JsonException)
        {
            // Metadata is anybody's text.
            return null;
        }
    }

    private static IReadOnlyList<MergeInput> Inputs(ReportSource source)
    {
        var (role, sources) = source.CheckpointMerge is { } models ? ("Model", models.Sources)
            : ("LoRA", (source.Merge as LoraMergeResult)?.Sources ?? source.Fusion?.Loras ?? []);
        return [.. sources.Select(input => new MergeInput(Path.GetFileName(input.Path), role, input.Ratio, input.Blocks?.ToString() ?? "", input.Sha256))];
    }

    private static IReadOnlyList<MergeInput> Inputs(JsonElement record) => Property(record, "sources") is not { ValueKind: JsonValueKind.Array } sources ? [] :
        [.. sources.EnumerateArray().Where(IsObject).Select(input => new MergeInput(
            Text(input, "name"), "Source", Property(input, "ratio") is { ValueKind: JsonValueKind.Number } ratio ? ratio.GetDouble() : null, Text(input, "blocks"), Text(input, "sha256")))];

    private static IEnumerable<MergeInput> Model(JsonElement record) => Property(record, "model") is { ValueKind: JsonValueKind.Object } model
        ? [new(Text(model, "name"), "Model", null, "", Text(model, "sha256"))]
        : [];

    private static IReadOnlyList<(string Name, string Value)> Options(JsonElement record) => Property(record, "options") is { ValueKind: JsonValueKind.Object } options
        ? [.. options.EnumerateObject().Select(option => (option.Name, option.Value.ToString()))]
        : [];

    private static IReadOnlyList<(string Name, string Value)> ResultFigures(ReportSource source) => source switch
    {
        { Fusion: { } fusion } =>
        [
            ("Modules merged", Figures.Count(fusion.MergedModules)),
            ("Weights changed", $"{Figures.Count(fusion.TensorsChanged)} of {Figures.Count(fusion.TensorCount)}"),
            ("Time", Figures.Duration(fusion.Duration.TotalSeconds)),
        ],
        { CheckpointMerge: { } merge } =>
        [
            ("Weights merged", $"{Figures.Count(merge.TensorsMerged)} of {Figures.Count(merge.TensorCount)}"),
            ("Time", Figures.Duration(merge.Duration.TotalSeconds)),
        ],
        { Merge: LoraExtractResult extracted } => [("Difference not covered", Figures.Percent(extracted.UncoveredShare))],
        _ => [],
    };

    private static bool IsObject(JsonElement element) => element.ValueKind == JsonValueKind.Object;

    private static JsonElement? Property(JsonElement record, string name) =>
        IsObject(record) && record.TryGetProperty(name, out var value) ? value : null;

    private static string Text(JsonElement record, string name) => Property(record, name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
}
