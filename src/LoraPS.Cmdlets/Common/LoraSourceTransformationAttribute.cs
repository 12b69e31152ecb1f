using System.Collections;
using System.Management.Automation;
using LoraPS.Engine.Merging;

namespace LoraPS.Cmdlets.Common;

/// <summary>Lets the LoRAs of a merge be given as paths with wildcards, files, LoRAs, results of other commands, or rows of a table.</summary>
/// <remarks>
/// A string is a path, with wildcards where <see cref="IsLiteral"/> is false. Of any other object the properties PSPath,
/// LiteralPath, FullName or Path name the file; Ratio or Weight and BlockWeight are its strength where it has them, so
/// that the rows of a CSV file can be piped to a merge. Whether files exist is the engine's to say.
/// </remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LoraSourceTransformationAttribute : ArgumentTransformationAttribute
{
    private static readonly string[] PathNames = ["PSPath", "LiteralPath", "FullName", "Path", "Lora"];
    private static readonly string[] RatioNames = ["Ratio", "Weight"];
    private static readonly string[] BlockNames = ["BlockWeight", "BlockWeights"];

    /// <summary>True for paths without wildcards.</summary>
    public bool IsLiteral { get; init; }

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        ArgumentNullException.ThrowIfNull(engineIntrinsics);
        var session = engineIntrinsics.SessionState;
        var items = (inputData as PSObject)?.BaseObject ?? inputData;
        return items is IList list
            ? list.Cast<object>().SelectMany(item => Read(session, item)).ToArray()
            : Read(session, inputData).ToArray();
    }

    private IEnumerable<LoraSource> Read(SessionState session, object? item)
    {
        var wrapped = PSObject.AsPSObject(item ?? throw new ArgumentTransformationMetadataException("A LoRA is null. Give a path, or a LoRA from Get-Lora."));
        if (wrapped.BaseObject is LoraSource source)
            return [source with { Path = FileSystemPaths.ResolveLiteral(session, source.Path) }];
        if (wrapped.BaseObject is string path)
            return (IsLiteral ? [FileSystemPaths.ResolveLiteral(session, path)] : Find(session, path)).Select(file => new LoraSource(file));
        var file = Value(wrapped, PathNames) as string ?? throw new ArgumentTransformationMetadataException(
            $"A {wrapped.BaseObject.GetType().Name} is no LoRA: it has none of the properties {string.Join(", ", PathNames)}. Give a path, or a LoRA from Get-Lora.");
        var ratio = Value(wrapped, RatioNames) is { } number ? (double)LanguagePrimitives.ConvertTo(number, typeof(double), null) : 1;
        var blocks = Value(wrapped, BlockNames) is { } weights ? BlockWeightsTransformationAttribute.Read(weights) : null;
        return [new LoraSource(FileSystemPaths.ResolveLiteral(session, file), ratio, blocks)];
    }

    /// <summary>A pattern that matches nothing stands for itself, so that the engine says that there is no such file.</summary>
    private static IReadOnlyList<string> Find(SessionState session, string pattern) =>
        FileSystemPaths.Resolve(session, pattern) is { Count: > 0 } found ? found : [FileSystemPaths.ResolveLiteral(session, pattern)];

    /// <summary>The first of the properties that has a value; an empty cell of a table is none. What a command wrote is wrapped.</summary>
    private static object? Value(PSObject item, string[] names) =>
        names.Select(name => item.Properties[name]?.Value).Select(value => (value as PSObject)?.BaseObject ?? value).FirstOrDefault(value => value is not (null or ""));
}
