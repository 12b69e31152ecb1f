using System.Collections;
using System.Reflection;

namespace LoraPS.Cmdlets.Tests.Views;

/// <summary>Replaces in an engine's object what differs from machine to machine, so that its text does not: folders, times, results of training.</summary>
/// <param name="folder">The folder whose paths are replaced.</param>
internal sealed class Neutral(string folder)
{
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;
    private const string Root = "/loras";

    /// <summary>Values of properties.</summary>
    private static readonly Dictionary<string, object> Values = new()
    {
        ["TrainingResult.AverageLoss"] = 0.12345,
        ["TrainingResult.ModuleCount"] = 192,
        ["TrainingPlan.ModuleCount"] = 192,
        ["TrainingPlan.ParameterCount"] = 797184L,
        ["MemoryEstimate.Model"] = 2_132_000_000L,
        ["MemoryEstimate.Trained"] = 12_750_000L,
        ["MemoryEstimate.Activations"] = 1_073_741_824L,
        ["TrainingStep.AverageLoss"] = 0.12345,
        ["TrainingStep.Loss"] = 0.23456,
        ["TrainingStep.GradientNorm"] = 0.01234,
        ["LoraReportResult.Length"] = 18_083L,
        ["DeviceInfo.Threads"] = 8,
        ["DeviceInfo.Libtorch"] = "/libtorch",
    };

    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);

    /// <summary>Changes an object and all it holds.</summary>
    public void Make(object item)
    {
        if (!_seen.Add(item))
            return;
        if (item is string[] texts)
        {
            for (var i = 0; i < texts.Length; i++)
                texts[i] = Path(texts[i]);
        }
        else if (item is IEnumerable list and not string)
        {
            foreach (var one in list.Cast<object>().Where(IsOurs))
                Make(one);
        }

        for (var type = item.GetType(); IsOurs(item) && type is not null && type != typeof(object); type = type.BaseType)
        {
            foreach (var field in type.GetFields(Fields | BindingFlags.DeclaredOnly))
                Make(item, field);
        }
    }

    private static bool IsOurs(object item) => item.GetType().Namespace?.StartsWith("LoraPS.", StringComparison.Ordinal) == true && !item.GetType().IsValueType;

    private void Make(object item, FieldInfo field)
    {
        var property = field.Name.Split('<', '>') is [_, var name, _] ? $"{field.DeclaringType!.Name}.{name}" : field.Name;
        switch (field.GetValue(item))
        {
            case { } when Values.TryGetValue(property, out var fixedValue):
                field.SetValue(item, fixedValue);
                break;
            case TimeSpan:
                field.SetValue(item, TimeSpan.FromSeconds(83.4));
                break;
            case string text:
                field.SetValue(item, Path(text));
                break;
            case IEnumerable<string> texts and not string[] when field.FieldType.IsAssignableFrom(typeof(string[])):
                field.SetValue(item, texts.Select(Path).ToArray());
                break;
            case { } value:
                Make(value);
                break;
        }
    }

    private string Path(string text) => text.StartsWith(folder, StringComparison.Ordinal) ? Root + text[folder.Length..].Replace('\\', '/') : text;
}
