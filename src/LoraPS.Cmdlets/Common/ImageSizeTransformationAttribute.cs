using System.Collections;
using System.Globalization;
using System.Management.Automation;
using LoraPS.Engine.Data;

namespace LoraPS.Cmdlets.Common;

/// <summary>Lets a size be given as <c>512</c>, <c>768,512</c> (width, height), <c>"768,512"</c> or <c>"768x512"</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ImageSizeTransformationAttribute : ArgumentTransformationAttribute
{
    private static readonly char[] Separators = [',', 'x', 'X'];

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            ImageSize size => size,
            string text => From(text.Split(Separators, StringSplitOptions.TrimEntries), inputData),
            IList list => From([.. list.Cast<object>().Select(side => $"{side}")], inputData),
            _ => From([$"{value}"], inputData),
        };
    }

    private static ImageSize From(string[] sides, object given)
    {
        int[] pixels = [.. sides.Select(side => int.TryParse(side, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)];
        return pixels switch
        {
            [> 0 and var side] => new ImageSize(side, side),
            [> 0 and var width, > 0 and var height] => new ImageSize(width, height),
            _ => throw new ArgumentTransformationMetadataException($"'{given}' is not a size; expected one number of pixels, or width and height, such as 512 or 768,512."),
        };
    }
}
