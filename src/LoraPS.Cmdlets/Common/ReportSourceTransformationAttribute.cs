using System.Collections;
using System.Management.Automation;
using LoraPS.Engine.Reports;

namespace LoraPS.Cmdlets.Common;

/// <summary>Lets what a report is of be given as a path with wildcards, a file, a LoRA, or the result of a command.</summary>
/// <remarks>A string is a path, with wildcards where <see cref="IsLiteral"/> is false. Of an object that is no result the properties PSPath, FullName or Path name the file.</remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ReportSourceTransformationAttribute : ArgumentTransformationAttribute
{
    private static readonly string[] PathNames = ["PSPath", "FullName", "Path"];

    /// <summary>True for paths without wildcards.</summary>
    public bool IsLiteral { get; init; }

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        ArgumentNullException.ThrowIfNull(engineIntrinsics);
        var items = (inputData as PSObject)?.BaseObject ?? inputData;
        return (items is IList list ? list.Cast<object?>() : [inputData]).SelectMany(item => Read(engineIntrinsics.SessionState, item)).ToArray();
    }

    private IEnumerable<ReportSource> Read(SessionState session, object? item)
    {
        var wrapped = PSObject.AsPSObject(item ?? throw new ArgumentTransformationMetadataException("What is to be reported on is null. Give a path, or the result of Start-LoraTraining, Merge-Lora or Get-Lora."));
        if (ReportSource.Of(wrapped.BaseObject) is { } source)
            return [source];
        if (wrapped.BaseObject is string path)
            return (IsLiteral ? [FileSystemPaths.ResolveLiteral(session, path)] : FileSystemPaths.Resolve(session, path)).Select(file => new ReportSource(file));
        var named = PathNames.Select(name => wrapped.Properties[name]?.Value).OfType<string>().FirstOrDefault() ?? throw new ArgumentTransformationMetadataException(
            $"A {wrapped.BaseObject.GetType().Name} cannot be reported on. Give a path, or the result of Start-LoraTraining, Merge-Lora or Get-Lora.");
        return [new ReportSource(FileSystemPaths.ResolveLiteral(session, named))];
    }
}
