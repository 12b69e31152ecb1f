using System.Collections;
using System.Globalization;
using System.Management.Automation;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Naming;

namespace LoraPS.Cmdlets.Common;

/// <summary>Lets block weights be given as a list of 12, 17, 20 or 26 numbers, a table <c>@{ IN04 = 0.5; MID = 0 }</c>, or text that <see cref="BlockWeights.Parse"/> reads.</summary>
/// <remarks>Several lists, tables or texts give several weights; the reference's lists in brackets are text too.</remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BlockWeightsTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var items = Unwrap(inputData);
        return items is IList list && !IsNumbers(list)
            ? list.Cast<object>().Select(Read).ToArray()
            : Read(items);
    }

    /// <summary>One object's weights.</summary>
    /// <exception cref="ArgumentTransformationMetadataException">It stands for none.</exception>
    internal static BlockWeights Read(object value)
    {
        try
        {
            return Unwrap(value) switch
            {
                BlockWeights weights => weights,
                IDictionary table => BlockWeights.Parse(string.Join(',', table.Keys.Cast<object>().Select(key => $"{key}={Text(table[key]!)}"))),
                IList list => BlockWeights.FromList([.. list.Cast<object>().Select(Number)]),
                UNetBlock block => throw new ArgumentException($"A weight for {block} is missing; write {block}=0.5."),
                var text => BlockWeights.Parse(Text(text).Trim().TrimStart('[').TrimEnd(']')),
            };
        }
        catch (Exception e) when (e is ArgumentException or PSInvalidCastException)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }

    private static bool IsNumbers(IList list) => list.Count > 0 && list.Cast<object>().All(item => Unwrap(item) is IConvertible and not (string or Enum));

    private static double Number(object item) => (double)LanguagePrimitives.ConvertTo(item, typeof(double), CultureInfo.InvariantCulture);

    private static string Text(object value) => Convert.ToString(Unwrap(value), CultureInfo.InvariantCulture) ?? "";

    private static object Unwrap(object value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
